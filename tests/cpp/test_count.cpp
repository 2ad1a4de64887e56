// Batches of several kinds, and annotations that are not pending.
#include "heatgrid/count/count.hpp"

#include <array>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "random_shapes.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Batch;
using heatgrid::Counts;
using heatgrid::Grid;
using heatgrid::Kind;
using heatgrid::Outcome;
using heatgrid::Rule;

namespace {

constexpr Grid grid{4, 5};

// Five annotations, of which each has one geometry: box, polygon, mask, points, line.
class EachKind {
  public:
    EachKind() {
        shapes_.count = 5;
        shapes_.kinds = kinds.data();
        shapes_.present = 31;
        shapes_.boxes = {boxes_, 5, {}};
        shapes_.polygons = {polygon_, rings_, nullptr, polygons_, 5, {}};
        shapes_.masks.sizes = mask_sizes_;
        shapes_.masks.count = 5;
        shapes_.masks.runs = runs_;
        shapes_.masks.run_offsets = run_offsets_;
        shapes_.points = {points_, point_offsets_, visible_, 5, {}};
        shapes_.lines = {line_, paths_, line_offsets_, 5, {}};
        shapes_.set_sizes({size_, 0});
    }

    std::vector<std::int64_t> count(Rule rule = Rule::center) {
        std::vector<std::int64_t> values(grid.cells() * classes, 0);
        heatgrid::count_shapes(shapes_, options(rule), batch(), Counts{values.data(), classes, grid});
        return values;
    }
    std::vector<double> sum(Rule rule) {
        std::vector<double> values(grid.cells(), 0.0);
        heatgrid::count_shapes(shapes_, options(rule), batch(), heatgrid::Sums{values.data(), 1, grid});
        return values;
    }

    std::array<std::uint8_t, 5> kinds{1, 2, 4, 8, 16};
    std::vector<Outcome> outcomes = std::vector<Outcome>(5, Outcome::pending);
    std::vector<std::int64_t> labels = {};
    std::vector<std::int64_t> images = {};
    std::vector<double> weights = {};
    std::size_t classes = 1;

  private:
    static heatgrid::CountOptions options(Rule rule) {
        heatgrid::CountOptions options;
        options.rule = rule;
        return options;
    }
    Batch batch() {
        Batch batch;
        batch.count = 5;
        batch.labels = labels.empty() ? nullptr : labels.data();
        batch.images = images.empty() ? nullptr : images.data();
        batch.weights = weights.empty() ? nullptr : weights.data();
        batch.outcomes = outcomes.data();
        return batch;
    }

    double boxes_[20] = {0, 0, 2, 2};
    double polygon_[8] = {1, 0, 3, 0, 3, 2, 1, 2};
    std::int64_t rings_[2] = {0, 4};
    std::int64_t polygons_[6] = {0, 0, 1, 1, 1, 1};
    std::int64_t mask_sizes_[10] = {0, 0, 0, 0, 4, 5, 0, 0, 0, 0};
    std::int64_t runs_[3] = {16, 4, 0};  // the last column
    std::int64_t run_offsets_[6] = {0, 0, 0, 3, 3, 3};
    double points_[8] = {0.5, 3.5, 0.6, 3.6, 4.5, 3.5, not_a_number, 0};
    std::uint8_t visible_[4] = {1, 1, 1, 0};
    std::int64_t point_offsets_[6] = {0, 0, 0, 0, 4, 4};
    double line_[4] = {0.5, 3.5, 2.5, 3.5};
    std::int64_t paths_[2] = {0, 2};
    std::int64_t line_offsets_[6] = {0, 0, 0, 0, 0, 1};
    double size_[2] = {5, 4};
    heatgrid::Shapes shapes_;
};

std::vector<std::int64_t> values_of(const std::string& text) {
    std::vector<std::int64_t> values;
    for (const std::string& row : rows_of(text)) {
        for (const char cell : row) values.push_back(cell == '.' ? 0 : cell - '0');
    }
    return values;
}

}  // namespace

TEST(each_annotation_is_counted_by_its_kind) {
    EachKind batch;
    CHECK(batch.count() == values_of(R"(
        121.1
        121.1
        ....1
        211.2)"));
    CHECK(batch.outcomes == std::vector<Outcome>(5, Outcome::counted));
}

TEST(annotations_that_are_not_pending_are_ignored) {
    EachKind batch;
    batch.outcomes[1] = Outcome::excluded;
    batch.outcomes[3] = Outcome::no_size;
    batch.kinds[1] = 0;
    batch.kinds[3] = 255;
    CHECK(batch.count() == values_of(R"(
        11..1
        11..1
        ....1
        111.1)"));
    CHECK(batch.outcomes == (std::vector<Outcome>{Outcome::counted, Outcome::excluded, Outcome::counted,
                                                  Outcome::no_size, Outcome::counted}));
}

TEST(images_unite_annotations_of_several_kinds) {
    EachKind batch;
    batch.images = {7, 7, 3, 3, 3};
    CHECK(batch.count() == values_of(R"(
        111.1
        111.1
        ....1
        111.1)"));
    EachKind scattered;
    scattered.images = {7, 3, 7, 3, 7};
    scattered.outcomes[4] = Outcome::excluded;
    CHECK(scattered.count() == values_of(R"(
        121.1
        121.1
        ....1
        1...2)"));
}

TEST(classes_of_several_kinds_have_their_own_planes) {
    EachKind batch;
    batch.labels = {0, 1, 0, 1, 1};
    batch.classes = 2;
    CHECK(batch.count() == values_of(R"(
        11..1
        11..1
        ....1
        ....1
        .11..
        .11..
        .....
        211.1)"));
}

TEST(lines_and_points_are_refused_as_areas) {
    EachKind batch;
    const std::vector<double> sums = batch.sum(Rule::area);
    CHECK_EQUAL(std::accumulate(sums.begin(), sums.end(), 0.0), 12.0);
    CHECK_EQUAL(batch.outcomes[2], Outcome::counted);
    CHECK_EQUAL(batch.outcomes[3], Outcome::point_without_area);
    CHECK_EQUAL(batch.outcomes[4], Outcome::line_without_area);
}

TEST(weights_follow_their_annotations) {
    EachKind batch;
    batch.weights = {0.5, 1, 2, 4, 8};
    batch.outcomes[0] = Outcome::excluded;
    const std::vector<double> sums = batch.sum(Rule::center);
    CHECK_EQUAL(sums[0], 0.0);
    CHECK_EQUAL(sums[1], 1.0);
    CHECK_EQUAL(sums[4], 2.0);
    CHECK_EQUAL(sums[15], 12.0);
    CHECK_EQUAL(sums[19], 6.0);
}

TEST(broken_masks_are_not_counted) {
    EachKind batch;
    batch.kinds[0] = 4;
    batch.count();
    CHECK_EQUAL(batch.outcomes[0], Outcome::broken_mask);
}

TEST(an_annotation_of_several_kinds_is_an_error) {
    for (const unsigned kinds : {0U, 3U, 32U, 64U}) {
        EachKind batch;
        batch.kinds[2] = static_cast<std::uint8_t>(kinds);
        bool is_refused = false;
        try {
            batch.count();
        } catch (const std::invalid_argument&) {
            is_refused = true;
        }
        CHECK(is_refused);
        CHECK(batch.outcomes == std::vector<Outcome>(5, Outcome::pending));
    }
}

TEST(selected_boxes_count_like_a_batch_of_their_own) {
    for (const Grid each : {Grid{31, 67}, Grid{600, 700}}) {
        Generator generator(each);
        const std::vector<Box> boxes = generator.boxes(3000);
        const std::vector<std::int64_t> chosen = generator.numbers(boxes.size(), 2);
        const std::vector<std::int64_t> labels = generator.numbers(boxes.size(), 3);
        const std::vector<std::int64_t> images = generator.numbers(boxes.size(), 40);
        for (const bool unites : {false, true}) {
            std::vector<Box> some;
            Options options;
            options.classes = 3;
            std::vector<Outcome> outcomes(boxes.size(), Outcome::excluded);
            for (std::size_t i = 0; i < boxes.size(); ++i) {
                if (!chosen[i]) continue;
                outcomes[i] = Outcome::pending;
                some.push_back(boxes[i]);
                options.labels.push_back(labels[i]);
                if (unites) options.images.push_back(images[i]);
            }
            const Counted expected = count(each, some, options);
            const double size[] = {static_cast<double>(each.columns), static_cast<double>(each.rows)};
            heatgrid::Shapes shapes;
            shapes.count = boxes.size();
            shapes.present = static_cast<std::uint8_t>(Kind::box);
            shapes.boxes = {boxes.front().data(), boxes.size(), {size, 0}};
            std::vector<std::int64_t> values(each.cells() * 3, 0);
            Batch batch;
            batch.count = boxes.size();
            batch.labels = labels.data();
            batch.images = unites ? images.data() : nullptr;
            batch.outcomes = outcomes.data();
            batch.threads = 2;
            heatgrid::count_shapes(shapes, {}, batch, Counts{values.data(), 3, each});
            CHECK(values == expected.values);
            std::size_t next = 0;
            for (std::size_t i = 0; i < boxes.size(); ++i) {
                CHECK(outcomes[i] == (chosen[i] ? expected.outcomes[next++] : Outcome::excluded));
            }
        }
    }
}

// Results

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// Two boxes over all cells of a grid, of two classes.
struct TwoBoxes {
    explicit TwoBoxes(Grid each) : planes_grid(each), values(2 * each.cells(), 0) {}

    void count(heatgrid::Results* results, std::size_t threads = 1) {
        heatgrid::Shapes shapes;
        shapes.count = 2;
        shapes.present = static_cast<std::uint8_t>(Kind::box);
        shapes.boxes = {corners, 2, {}};
        Batch batch;
        batch.count = 2;
        batch.labels = labels.data();
        batch.outcomes = outcomes.data();
        batch.threads = threads;
        batch.results = results;
        heatgrid::count_shapes(shapes, {}, batch, Counts{values.data(), 2, planes_grid});
    }
    [[nodiscard]] std::int64_t sum(std::size_t plane) const {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(plane * planes_grid.cells());
        return std::accumulate(first, first + static_cast<std::ptrdiff_t>(planes_grid.cells()),
                               std::int64_t{0});
    }

    Grid planes_grid;
    double corners[8] = {0, 0, 1, 1, 0, 0, 1, 1};
    std::vector<std::int64_t> labels{0, 1};
    std::vector<Outcome> outcomes = std::vector<Outcome>(2, Outcome::pending);
    std::vector<std::int64_t> values;
};

constexpr Grid small_grid{3, 3};
constexpr Grid large_grid{1500, 1500};  // counted plane by plane

}  // namespace

TEST(results_are_written_at_the_end) {
    for (const Grid each : {small_grid, large_grid}) {
        TwoBoxes boxes(each);
        heatgrid::Results results;
        boxes.count(&results, 2);
        CHECK(boxes.outcomes == std::vector<Outcome>(2, Outcome::counted));
        CHECK_EQUAL(boxes.sum(0) + boxes.sum(1), 0);
        results.write();
        CHECK_EQUAL(boxes.sum(0), static_cast<std::int64_t>(each.cells()));
        CHECK_EQUAL(boxes.sum(1), static_cast<std::int64_t>(each.cells()));
    }
}

TEST(results_that_might_not_fit_are_not_written) {
    for (const Grid each : {small_grid, large_grid}) {
        TwoBoxes boxes(each);
        boxes.values.back() = most;
        heatgrid::Results results;
        boxes.count(&results);
        bool is_refused = false;
        try {
            results.write();
        } catch (const std::overflow_error&) {
            is_refused = true;
        }
        CHECK(is_refused);
        CHECK_EQUAL(boxes.sum(0), 0);
        CHECK_EQUAL(boxes.sum(1), most);
    }
}

// Labels that another thread has changed after they were validated.
TEST(no_label_leads_outside_of_the_planes) {
    for (const Grid each : {small_grid, large_grid}) {
        TwoBoxes boxes(each);
        boxes.labels = {1, std::int64_t{1} << 40};
        boxes.count(nullptr);
        CHECK_EQUAL(boxes.sum(0), static_cast<std::int64_t>(each.cells()));
        boxes.labels = {-1, -most};
        boxes.count(nullptr);
        CHECK_EQUAL(boxes.sum(1), static_cast<std::int64_t>(each.cells()));
    }
}
