// Images united, weights and areas summed: each by a picture, then by laws.
#include <algorithm>
#include <cmath>

#include "random_shapes.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Rule;

namespace {

constexpr Grid grid{4, 5};
constexpr std::size_t classes = 3;

Options in_images(std::vector<std::int64_t> images) {
    Options options;
    options.images = std::move(images);
    return options;
}

Options with_weights(std::vector<double> weights) {
    Options options;
    options.weights = std::move(weights);
    return options;
}

// Shapes on two grids: one that is counted for all classes at once, and one that goes plane by plane.
template <class Check>
void on_grids(const Check& check) {
    for (const Grid each : {Grid{31, 67}, Grid{600, 700}}) check(each, Generator(each));
}

template <class Count>
void check_threads(Options options, const Count& count_with) {
    const auto alone = count_with(options);
    for (const std::size_t threads : {2, 3, 16}) {
        options.threads = threads;
        CHECK(count_with(options) == alone);
    }
}

// The union made the slow way: cell by cell, from counts of one annotation each.
template <class Shape>
std::vector<std::int64_t> united(Grid each, const std::vector<Shape>& shapes, const Options& options) {
    std::vector<std::int64_t> sum(each.cells() * options.classes, 0);
    for (const std::int64_t image : {0, 1, 2, 3}) {
        std::vector<std::int64_t> any(sum.size(), 0);
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            if (options.images[i] != image) continue;
            Options one;
            one.classes = options.classes;
            one.labels = {options.labels[i]};
            const Counted counted = count(each, std::vector<Shape>{shapes[i]}, one);
            for (std::size_t k = 0; k < any.size(); ++k) any[k] |= counted.values[k];
        }
        for (std::size_t k = 0; k < any.size(); ++k) sum[k] += any[k];
    }
    return sum;
}

template <class Shape>
void check_union(Grid each, Generator generator, const std::vector<Shape>& shapes) {
    Options options;
    options.classes = classes;
    options.labels = generator.numbers(shapes.size(), classes);
    options.images = generator.numbers(shapes.size(), 4);
    CHECK(count(each, shapes, options).values == united(each, shapes, options));
    check_threads(options, [&](const Options& some) { return count(each, shapes, some); });
    options.classes = 1;
    options.labels.assign(shapes.size(), 0);
    CHECK(count(each, shapes, options).values == united(each, shapes, options));
    check_threads(options, [&](const Options& some) { return count(each, shapes, some); });
}

template <class Shape>
void check_sums(Grid each, Generator generator, std::vector<Shape> shapes, Rule rule) {
    Options options;
    options.rule = rule;
    options.classes = classes;
    options.labels = generator.numbers(shapes.size(), classes);
    for (std::size_t i = 0; i < shapes.size(); ++i) options.weights.push_back(generator.up_to(2.0) - 0.5);
    check_threads(options, [&](const Options& some) { return sum(each, shapes, some); });
    const std::vector<double> forwards = sum(each, shapes, options).values;
    std::reverse(shapes.begin(), shapes.end());
    std::reverse(options.labels.begin(), options.labels.end());
    std::reverse(options.weights.begin(), options.weights.end());
    CHECK(sum(each, shapes, options).values == forwards);
}

}  // namespace

TEST(annotations_of_one_image_count_once) {
    const std::vector<Box> boxes{{0, 0, 3, 3}, {2, 1, 5, 4}, {2, 2, 3, 3}};
    CHECK_PICTURE(count(grid, boxes, in_images({7, 7, 7})).picture(), R"(
        111..
        11111
        11111
        ..111)");
    CHECK_PICTURE(count(grid, boxes, in_images({7, 8, 7})).picture(), R"(
        111..
        11211
        11211
        ..111)");
    CHECK_PICTURE(count(grid, boxes, in_images({9, 8, 7})).picture(), R"(
        111..
        11211
        11311
        ..111)");
}

TEST(polygons_and_points_of_one_image_count_once) {
    const std::vector<Polygon> polygons{Polygon{Part{ring_of({0, 0, 3, 3})}},
                                        Polygon{Part{ring_of({2, 2, 5, 4})}}};
    CHECK_PICTURE(count(grid, polygons, in_images({0, 0})).picture(), R"(
        111..
        111..
        11111
        ..111)");
    const std::vector<Point> points{{1.5, 1.5}, {1.6, 1.6}, {1.5, 1.5}, {4, 3}};
    CHECK_PICTURE(count(grid, points, in_images({0, 0, 1, 1})).picture(), R"(
        .....
        .2...
        .....
        ....1)");
}

TEST(images_are_united_as_cell_by_cell) {
    on_grids([](Grid each, Generator generator) {
        check_union(each, generator, generator.boxes(24));
        check_union(each, generator, generator.polygons(24));
        check_union(each, generator, generator.points(24));
    });
}

// So many that they are not painted; on grids wider than a picture, and on one that is not.
TEST(images_of_many_boxes_are_the_sum_of_each) {
    for (const Grid each : {Grid{20, 300}, Grid{140, 130}, Grid{30, 40}}) {
        Generator generator(each);
        std::vector<Box> boxes;
        Options options;
        std::vector<std::int64_t> expected(each.cells(), 0);
        for (std::int64_t image = 0; image < 80; ++image) {
            const std::vector<Box> own = generator.boxes(static_cast<std::size_t>(image * image % 47));
            const std::vector<std::int64_t> one =
                count(each, own, in_images(std::vector<std::int64_t>(own.size(), 0))).values;
            for (std::size_t k = 0; k < expected.size(); ++k) expected[k] += one[k];
            boxes.insert(boxes.end(), own.begin(), own.end());
            options.images.insert(options.images.end(), own.size(), image);
        }
        CHECK(boxes.size() * 16 > each.cells());
        CHECK(count(each, boxes, options).values == expected);
        check_threads(options, [&](const Options& some) { return count(each, boxes, some); });
    }
}

TEST(weights_add_up) {
    const std::vector<Box> boxes{{0, 0, 3, 3}, {2, 1, 5, 4}, {2, 2, 3, 3}};
    CHECK_PICTURE(sum(grid, boxes, with_weights({2, 0.5, -0.5})).picture(), R"(
        222..
        22???
        222??
        ..???)");
    CHECK_EQUAL(sum(grid, boxes, with_weights({2, 0.5, -0.5})).values[7], 2.5);
}

TEST(weights_of_1_sum_up_to_counts) {
    on_grids([](Grid each, Generator generator) {
        const std::vector<Polygon> polygons = generator.polygons(200);
        const std::vector<std::int64_t> counts = count(each, polygons).values;
        CHECK(sum(each, polygons).values == std::vector<double>(counts.begin(), counts.end()));
    });
}

TEST(neither_order_nor_threads_show_in_sums) {
    on_grids([](Grid each, Generator generator) {
        for (const Rule rule : {Rule::center, Rule::point, Rule::area}) {
            check_sums(each, generator, generator.boxes(300), rule);
        }
        check_sums(each, generator, generator.polygons(100), Rule::center);
        check_sums(each, generator, generator.points(300), Rule::center);
    });
}

TEST(a_box_adds_the_share_of_each_cell_that_it_covers) {
    Options by_area;
    by_area.rule = Rule::area;
    const Summed summed = sum(Grid{2, 4}, std::vector<Box>{{0.5, 0.5, 3, 1.25}}, by_area);
    CHECK(summed.values == (std::vector<double>{0.25, 0.5, 0.5, 0, 0.125, 0.25, 0.25, 0}));
}

TEST(shares_sum_up_to_the_area_inside_the_image) {
    Options by_area;
    by_area.rule = Rule::area;
    const Summed summed = sum(grid, std::vector<Box>{{-3.3, 1.7, 3.9, 44}}, by_area);
    double total = 0;
    for (const double share : summed.values) total += share;
    CHECK(std::fabs(total - 3.9 * 2.3) < 1e-12);
}
