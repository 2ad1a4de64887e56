// Prints checksums of seeded work of every kind: equal on all processors. `.ci/run --all` compares them.
#include <cstring>
#include <iostream>
#include <string>

#include "heatgrid/live/overlay.hpp"
#include "heatgrid/live/stamp.hpp"
#include "heatgrid/text/coco_scan.hpp"
#include "heatgrid/text/label_rows.hpp"
#include "random_shapes.hpp"
#include "ways.hpp"

using namespace heatgrid;
using namespace heatgrid::check;

namespace {

// FNV-1a.
class Checksum {
  public:
    explicit Checksum(const char* name) : name_(name) {}
    ~Checksum() { std::cout << name_ << " " << sum_ << "\n"; }

    template <class Value>
    void add(const Value* values, std::size_t count) {
        const auto* const bytes = reinterpret_cast<const unsigned char*>(values);
        for (std::size_t i = 0; i < count * sizeof(Value); ++i) sum_ = (sum_ ^ bytes[i]) * 0x100000001B3U;
    }
    template <class Values>
    void add(const Values& values) {
        add(values.data(), values.size());
    }

  private:
    const char* name_;
    std::uint64_t sum_ = 0xCBF29CE484222325U;
};

// Counts of instances, classes, images and weights; small and large grids.
template <class Shape>
void count_all(const char* name, const std::vector<Shape>& shapes, Generator& random, Grid image,
               const std::vector<Rule>& rules) {
    Checksum sums(name);
    const auto add = [&](const auto& result) {
        sums.add(result.values);
        sums.add(result.outcomes);
    };
    for (const Rule rule : rules) {
        Options options;
        options.rule = rule;
        add(sum(image, shapes, options));
        if (rule == Rule::area) continue;
        add(count(image, shapes, options));
        options.weights.assign(shapes.size(), 0.1);
        add(sum(image, shapes, options));
        options.weights.clear();
        options.images = random.numbers(shapes.size(), shapes.size() / 6);
        add(count(image, shapes, options));
        options.images.clear();
        options.labels = random.numbers(shapes.size(), 3);
        options.classes = 3;
        add(count(image, shapes, options));
    }
}

// Turned by the angle whose sine is 3/5.
std::vector<Polygon> oriented(const std::vector<Box>& boxes) {
    std::vector<Polygon> polygons;
    for (const Box& box : boxes) {
        Ring ring = ring_of(box);
        for (Point& p : ring) {
            const Point from = {p[0] - box[0], p[1] - box[1]};
            p = {box[0] + 0.8 * from[0] - 0.6 * from[1], box[1] + 0.6 * from[0] + 0.8 * from[1]};
        }
        polygons.push_back({{ring}});
    }
    return polygons;
}

void count_shapes(Grid grid) {
    Generator random(grid);
    const std::vector<Rule> all = {Rule::center, Rule::touch, Rule::point, Rule::area};
    const std::vector<Rule> of_paths = {Rule::center, Rule::point};
    const std::vector<Box> boxes = random.boxes(40000);
    count_all("boxes", boxes, random, grid, all);
    count_all("oriented_boxes", oriented({boxes.begin(), boxes.begin() + 3000}), random, grid, all);
    count_all("polygons", random.polygons(3000), random, grid, all);
    count_all("lines", random.lines(2000), random, grid, of_paths);
    count_all("points", random.points(20000), random, grid, {Rule::center});
}

// Shapes of few bytes, with ties, huge and missing numbers; not boxes turned by sine and cosine, whose last
// bits differ between C libraries.
void count_odd_shapes() {
    std::mt19937_64 random(3);
    Checksum sums("odd_shapes");
    constexpr std::uint8_t kinds[] = {0, 1, 2, 4, 5, 6};
    for (std::size_t i = 0; i < 6000; ++i) {
        std::vector<std::uint8_t> bytes(6 + random() % 300);
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
        bytes[5] = kinds[i % 6];
        sums.add(count_bytes(bytes.data(), bytes.size(), 1, 0));
    }
}

// A statement per number, since the order of operands is the compiler's choice.
std::string decimal(std::mt19937_64& random) {
    constexpr std::uint64_t limits[] = {10, 1000, 100000, 10000000, 10000000000000};
    const std::uint64_t limit = limits[random() % 5];
    std::string text = std::to_string(random() % 700);
    if (random() % 4) text += "." + std::to_string(random() % limit);
    return text;
}

std::string numbers(std::mt19937_64& random, std::size_t count, const char* between) {
    std::string text = decimal(random);
    while (--count) text += between + decimal(random);
    return text;
}

void read_texts() {
    std::mt19937_64 random(5);
    std::string coco = R"({"images":[{"id":1,"width":640,"height":480,"file_name":"a.jpg"}],"annotations":[)";
    std::string yolo;
    for (int i = 0; i < 3000; ++i) {
        const std::string box = numbers(random, 4, ", ");
        const std::size_t vertices = 3 + random() % 40;
        const std::string ring = numbers(random, 2 * vertices, i % 2 ? "," : ", ");
        coco += std::string(i ? "," : "") + R"({"image_id":1,"category_id":1,"bbox":[)" + box +
                R"(],"segmentation":[[)" + ring + "]]}";
        yolo += std::to_string(i % 80) + " " + numbers(random, 4, " ") + "\n";
    }
    coco += R"(],"categories":[{"id":1,"name":"a"}]})";
    std::size_t done = 0;
    TextWindow window([&](char* to, std::size_t capacity) {
        const std::size_t size = coco.copy(to, capacity, done);
        done += size;
        return size;
    });
    Checksum of_coco("coco_text");
    if (const auto scan = scan_coco(window, coco.size())) {
        of_coco.add(scan->annotations.boxes);
        of_coco.add(scan->annotations.rings);
        of_coco.add(scan->annotations.ring_lengths);
    }
    Checksum of_yolo("yolo_rows");
    LabelRows rows;
    if (parse_label_rows(yolo.data(), yolo.size(), 0, rows)) {
        of_yolo.add(rows.values);
        of_yolo.add(rows.lengths);
    }
}

void draw_live() {
    constexpr Grid grid{54, 96};
    constexpr Grid pixels{135, 251};
    constexpr double size[2] = {96.0, 54.0};
    Generator random(grid);
    const std::vector<Box> boxes = random.boxes(5000);
    const std::vector<double> amounts(boxes.size(), 0.1);
    std::vector<Outcome> outcomes(boxes.size());
    std::vector<double> heat(grid.cells(), 0.0);
    Shapes shapes;
    shapes.present = static_cast<std::uint8_t>(Kind::box);
    shapes.count = boxes.size();
    shapes.boxes = {boxes.front().data(), boxes.size(), {size, 0}};
    const double top =
        stamp_shapes(shapes, {amounts.data(), nullptr, nullptr, outcomes.data()}, Sums{heat.data(), 1, grid});
    Checksum of_heat("live_heat");
    of_heat.add(heat);
    of_heat.add(&top, 1);
    std::vector<std::uint8_t> bytes(3 * pixels.cells() + 3 * Palette::levels);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i % 251);
    std::vector<std::uint16_t> opacities(Palette::levels);
    for (std::size_t i = 0; i < opacities.size(); ++i) opacities[i] = static_cast<std::uint16_t>(i);
    const Palette palette = make_palette(bytes.data() + 3 * pixels.cells(), opacities.data());
    constexpr std::ptrdiff_t stride = 3 * pixels.columns;
    draw_overlay(heat.data(), grid, {250.0 / top, 0.5}, palette,
                 {bytes.data(), stride, bytes.data(), stride, pixels});
    Checksum("live_frame").add(bytes);
}

}  // namespace

int main() {
    for (const Grid grid : {Grid{100, 100}, Grid{480, 640}}) count_shapes(grid);
    count_odd_shapes();
    read_texts();
    draw_live();
}
