// Laws of whole batches: the path taken (painting, differences, plane by plane), the number of threads and
// the order of annotations never show in the counts.
#include <algorithm>
#include <numeric>
#include <utility>

#include "heatgrid/count/count_boxes.hpp"
#include "random_shapes.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::OutsidePoints;
using heatgrid::Rule;

namespace {

// Each shape in a call of its own: one at a time is always painted on a grid of 16 cells or more.
template <class Shape>
Counted one_by_one(Grid grid, const std::vector<Shape>& shapes, Options options) {
    Counted all = count(grid, std::vector<Shape>{}, options);
    const std::vector<std::int64_t> labels = options.labels;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (!labels.empty()) options.labels = {labels[i]};
        const Counted one = count(grid, std::vector<Shape>{shapes[i]}, options);
        for (std::size_t cell = 0; cell < all.values.size(); ++cell) all.values[cell] += one.values[cell];
        all.outcomes.push_back(one.outcomes.front());
    }
    return all;
}

void add_boxes(const heatgrid::Boxes& boxes, const std::int64_t* labels, std::int64_t* values,
               std::size_t classes, Grid grid) {
    std::vector<Outcome> outcomes(boxes.count);
    heatgrid::Batch batch;
    batch.count = boxes.count;
    batch.labels = labels;
    batch.outcomes = outcomes.data();
    heatgrid::count_boxes(boxes, {}, batch, heatgrid::Counts{values, classes, grid});
}

Options with_labels(std::vector<std::int64_t> labels, std::size_t classes) {
    Options options;
    options.labels = std::move(labels);
    options.classes = classes;
    return options;
}

template <class Shape>
void check_threads(Grid grid, const std::vector<Shape>& shapes, Options options) {
    const Counted alone = count(grid, shapes, options);
    for (const std::size_t threads : {2, 3, 7, 100}) {
        options.threads = threads;
        for (const bool collects : {false, true}) {
            options.collects = collects;
            CHECK(count(grid, shapes, options) == alone);
        }
    }
}

// The counts of one class, counted as if there were no other.
template <class Shape>
std::vector<std::int64_t> one_class(Grid grid, const std::vector<Shape>& shapes, const Options& options,
                                    std::int64_t label) {
    std::vector<Shape> own;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (options.labels[i] == label) own.push_back(shapes[i]);
    }
    Options alone;
    alone.rule = options.rule;
    return count(grid, own, alone).values;
}

template <class Shape>
void check_classes(Grid grid, const std::vector<Shape>& shapes, const Options& options) {
    const Counted counted = count(grid, shapes, options);
    for (std::size_t k = 0; k < options.classes; ++k) {
        const auto plane = counted.values.begin() + static_cast<std::ptrdiff_t>(k * grid.cells());
        const std::vector<std::int64_t> alone =
            one_class(grid, shapes, options, static_cast<std::int64_t>(k));
        CHECK(std::equal(alone.begin(), alone.end(), plane));
    }
}

}  // namespace

TEST(painted_boxes_equal_boxes_by_differences) {
    const Grid grid{23, 31};
    Generator generator(grid);
    const std::vector<Box> boxes = generator.boxes(700);
    for (const Rule rule : {Rule::center, Rule::touch, Rule::point}) {
        Options options;
        options.rule = rule;
        CHECK(count(grid, boxes, options) == one_by_one(grid, boxes, options));
        options.large_box_ratio = 0.2;
        CHECK(count(grid, boxes, options) == one_by_one(grid, boxes, options));
    }
}

TEST(painted_polygons_equal_polygons_by_differences) {
    const Grid grid{23, 70};
    Generator generator(grid);
    const std::vector<Polygon> polygons = generator.polygons(700);
    for (const Rule rule : {Rule::center, Rule::point}) {
        Options options;
        options.rule = rule;
        CHECK(count(grid, polygons, options) == one_by_one(grid, polygons, options));
    }
}

TEST(a_batch_that_outgrows_painting_goes_on_by_differences) {
    const Grid grid{20, 20};
    const std::vector<Box> boxes(9, Box{0, 0, 20, 20});
    const std::vector<Polygon> polygons(9, Polygon{Part{ring_of(boxes.front())}});
    const std::vector<std::int64_t> nine(grid.cells(), 9);
    CHECK(count(grid, boxes).values == nine);
    CHECK(count(grid, polygons).values == nine);
}

TEST(blocks_of_every_length_agree) {
    const Grid grid{9, 9};
    Generator generator(grid);
    const std::vector<Box> boxes = generator.boxes(600);
    for (const std::size_t n : {0, 1, 2, 3, 4, 5, 255, 256, 257, 511, 512, 513}) {
        const std::vector<Box> first(boxes.begin(), boxes.begin() + static_cast<std::ptrdiff_t>(n));
        CHECK(count(grid, first) == one_by_one(grid, first, {}));
    }
}

TEST(the_number_of_threads_does_not_show) {
    const Grid grid{40, 50};
    Generator generator(grid);
    const std::vector<Box> boxes = generator.boxes(2000);
    const std::vector<Point> points = generator.points(2000);
    const std::vector<Polygon> polygons = generator.polygons(500);
    check_threads(grid, boxes, {});
    check_threads(grid, points, {});
    check_threads(grid, polygons, {});
    check_threads(grid, boxes, with_labels(generator.numbers(boxes.size(), 5), 5));
    check_threads(grid, points, with_labels(generator.numbers(points.size(), 5), 5));
    check_threads(grid, polygons, with_labels(generator.numbers(polygons.size(), 5), 5));
    check_threads(grid, std::vector<Box>{}, {});
}

TEST(the_order_of_annotations_does_not_show) {
    const Grid grid{17, 19};
    Generator generator(grid);
    std::vector<Polygon> polygons = generator.polygons(300);
    const std::vector<std::int64_t> forwards = count(grid, polygons).values;
    std::reverse(polygons.begin(), polygons.end());
    CHECK(count(grid, polygons).values == forwards);
}

TEST(each_class_has_its_own_plane) {
    const Grid grid{17, 19};
    Generator generator(grid);
    const std::vector<Box> boxes = generator.boxes(900);
    const std::vector<Polygon> polygons = generator.polygons(300);
    check_classes(grid, boxes, with_labels(generator.numbers(boxes.size(), 4), 4));
    check_classes(grid, polygons, with_labels(generator.numbers(polygons.size(), 4), 4));
}

// Five planes of 2^20 cells are more than are kept as differences at once.
TEST(large_planes_are_counted_one_after_the_other) {
    const Grid grid{1024, 1024};
    Generator generator(grid);
    const std::vector<Box> boxes = generator.boxes(1500);
    const std::vector<Polygon> polygons = generator.polygons(150);
    const Options of_boxes = with_labels(generator.numbers(boxes.size(), 5), 5);
    const Options of_polygons = with_labels(generator.numbers(polygons.size(), 5), 5);
    check_classes(grid, boxes, of_boxes);
    check_classes(grid, polygons, of_polygons);
    check_threads(grid, boxes, of_boxes);
    check_threads(grid, polygons, of_polygons);
}

TEST(large_planes_keep_each_annotations_size) {
    const Grid grid{1024, 1024};
    constexpr std::size_t count = 300;
    Generator generator(grid);
    std::vector<double> corners;
    std::vector<double> sizes;
    for (std::size_t i = 0; i < count; ++i) {
        sizes.insert(sizes.end(), {1.0 + generator.up_to(9.0), 1.0 + generator.up_to(9.0)});
        for (int corner = 0; corner < 4; ++corner) corners.push_back(generator.up_to(10.0));
    }
    const std::vector<std::int64_t> labels = generator.numbers(count, 5);
    std::vector<std::int64_t> all(grid.cells() * 5, 0);
    std::vector<std::int64_t> expected(grid.cells() * 5, 0);
    const heatgrid::Boxes boxes{corners.data(), count, {sizes.data(), 2}};
    add_boxes(boxes, labels.data(), all.data(), 5, grid);
    for (std::size_t i = 0; i < count; ++i) {
        const heatgrid::Boxes one{corners.data() + 4 * i, 1, {sizes.data() + 2 * i, 2}};
        std::int64_t* plane = expected.data() + static_cast<std::size_t>(labels[i]) * grid.cells();
        add_boxes(one, nullptr, plane, 1, grid);
    }
    CHECK(all == expected);
}

TEST(without_labels_all_are_of_class_0_however_large_the_planes) {
    for (const Grid grid : {Grid{8, 8}, Grid{1024, 1024}}) {
        Options options;
        options.classes = 5;
        const Counted counted = count(grid, std::vector<Box>{{0, 0, 1, 1}, {0, 0, 1, 1}}, options);
        CHECK_EQUAL(counted.values.front(), 2);
        CHECK_EQUAL(std::accumulate(counted.values.begin(), counted.values.end(), std::int64_t{0}), 2);
    }
}

TEST(counts_are_added_to_what_is_there) {
    const Grid grid{2, 3};
    std::vector<std::int64_t> values{10, 20, 30, 40, 50, 60};
    const double corners[] = {0, 0, 1, 0.5};
    add_boxes({corners, 1, {}}, nullptr, values.data(), 1, grid);
    CHECK(values == (std::vector<std::int64_t>{11, 21, 31, 40, 50, 60}));
}
