// C interface of the kernel for WebAssembly, next to the Python bindings: arguments are checked and passed
// on.
//
// The caller owns the arrays, in memory of `malloc`; objects that a function returns end with their `_free`.
// No exception leaves a function: it returns a Status, and heatgrid_message() says what was wrong.
// cpp/wasm/npm/kernel.js is the only caller.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../bindings/checks.hpp"
#include "heatgrid/count/count.hpp"
#include "heatgrid/count/select_geometry.hpp"
#include "heatgrid/text/coco_scan.hpp"
#include "heatgrid/text/label_rows.hpp"
#include "heatgrid/text/utf8.hpp"

#define HEATGRID_EXPORT extern "C" __attribute__((used, visibility("default")))

// Writes up to `capacity` next bytes of the text that is scanned; returns their number, 0 at the end, and -1
// if reading failed.
extern "C" __attribute__((import_module("env"), import_name("heatgrid_read"))) std::int32_t heatgrid_read(
    char* to, std::size_t capacity);

namespace heatgrid {
namespace {

using bindings::refuse;

enum class Status : std::int32_t { ok, invalid, no_memory, overflow, failed, not_utf8, not_coco };

std::string& message() noexcept {
    static std::string text;
    return text;
}

Status fail(Status status, const char* text) noexcept {
    try {
        message() = text;
    } catch (const std::exception&) {
        message().clear();
    }
    return status;
}

template <class Use>
Status guarded(const Use& use) noexcept {
    try {
        use();
        return Status::ok;
    } catch (const std::invalid_argument& error) {
        return fail(Status::invalid, error.what());
    } catch (const std::bad_alloc&) {
        return fail(Status::no_memory, "not enough memory");
    } catch (const std::overflow_error& error) {
        return fail(Status::overflow, error.what());
    } catch (const std::exception& error) {
        return fail(Status::failed, error.what());
    }
}

void check_grid(std::int32_t rows, std::int32_t columns) {
    if (rows < 1 || columns < 1 || rows > max_cells_per_axis || columns > max_cells_per_axis) {
        refuse("grid must have 1 to 2**26 cells along each axis");
    }
}

template <class Enumeration>
Enumeration choice(std::int32_t value, Enumeration last, const char* name) {
    if (value < 0 || value > static_cast<std::int32_t>(last)) refuse(std::string("unknown ") + name);
    return static_cast<Enumeration>(value);
}

// Number of items of `entries` offsets, which is at least one.
std::size_t items(const std::int64_t* offsets, std::size_t entries, const char* name, std::size_t limit,
                  const char* what) {
    if (entries < 1) refuse(std::string(name) + " offsets must have one more entry than there are " + name);
    bindings::check_offsets(offsets, entries - 1, name, limit, what);
    return entries - 1;
}

template <class View>
void add(Shapes& shapes, Kind kind, View& member, const View& view) {
    if (view.count != shapes.count) {
        refuse("every column must have " + std::to_string(shapes.count) +
               " entries, one per annotation, got " + std::to_string(view.count));
    }
    member = view;
    shapes.present = static_cast<std::uint8_t>(shapes.present | static_cast<std::uint8_t>(kind));
}

// What a count takes besides the shapes; kernel.js writes these words in this order.
struct CountRequest {
    std::int32_t rule;
    std::int32_t rows;
    std::int32_t columns;
    std::uint32_t classes;
    void* grids;           // (classes, rows, columns), int64 or, for areas and weights, double
    std::int64_t* unions;  // (rows, columns) or null
    const double* sizes;   // one pair, or a pair per annotation; null: normalized
    std::int32_t is_size_shared;
    const std::int64_t* labels;  // or null
    const std::int64_t* images;  // or null
    const double* weights;       // or null
    Outcome* outcomes;
    const double* large_box_ratio;  // or null
    std::int32_t clamp;
    std::int32_t is_fresh;  // grids are zero, and undefined after an error
};

template <class Cell>
Planes<Cell> planes(void* memory, std::size_t classes, const CountRequest& request) {
    return {static_cast<Cell*>(memory), classes, Grid{request.rows, request.columns}};
}

void count(Shapes shapes, const CountRequest& request) {
    check_grid(request.rows, request.columns);
    const Rule rule = choice(request.rule, Rule::area, "rule");
    if (request.labels) bindings::check_labels(request.labels, shapes.count, request.classes);
    if (request.sizes) shapes.set_sizes({request.sizes, request.is_size_shared ? std::size_t{0} : 2});
    CountOptions options;
    options.rule = rule;
    options.large_box_ratio =
        request.large_box_ratio ? *request.large_box_ratio : std::numeric_limits<double>::infinity();
    options.outside = request.clamp ? OutsidePoints::clamp : OutsidePoints::drop;
    Batch batch;
    batch.count = shapes.count;
    batch.labels = request.labels;
    batch.images = request.images;
    batch.weights = request.weights;
    batch.outcomes = request.outcomes;
    Results results;
    if (!request.is_fresh) batch.results = &results;
    if (rule == Rule::area || batch.weights) {
        if (batch.images) refuse("images cannot be combined with weights or areas");
        count_shapes(shapes, options, batch, planes<double>(request.grids, request.classes, request));
    } else {
        if (request.unions) {
            std::vector<Outcome> outcomes(batch.outcomes, batch.outcomes + batch.count);
            Batch unlabeled = batch;
            unlabeled.labels = nullptr;
            unlabeled.outcomes = outcomes.data();
            count_shapes(shapes, options, unlabeled, planes<std::int64_t>(request.unions, 1, request));
        }
        count_shapes(shapes, options, batch, planes<std::int64_t>(request.grids, request.classes, request));
    }
    results.write();
}

template <class Value>
const void* view(const Column<Value>& column, std::size_t* size) noexcept {
    *size = column.size();
    return column.data();
}

}  // namespace
}  // namespace heatgrid

using namespace heatgrid;

HEATGRID_EXPORT const char* heatgrid_message() { return message().c_str(); }

// --- Shapes
// ---------------------------------------------------------------------------------------------------

HEATGRID_EXPORT Shapes* heatgrid_shapes(std::size_t count, const std::uint8_t* kinds) {
    auto* const shapes = new (std::nothrow) Shapes;
    if (shapes == nullptr) return nullptr;
    shapes->count = count;
    shapes->kinds = kinds;
    return shapes;
}

HEATGRID_EXPORT void heatgrid_shapes_free(Shapes* shapes) { delete shapes; }

HEATGRID_EXPORT Status heatgrid_set_boxes(Shapes* shapes, const double* corners, std::size_t count) {
    return guarded([&] { add(*shapes, Kind::box, shapes->boxes, Boxes{corners, count, {}}); });
}

HEATGRID_EXPORT Status heatgrid_set_polygons(Shapes* shapes, const double* coordinates, std::size_t vertices,
                                             const std::int64_t* rings, std::size_t ring_entries,
                                             const std::int64_t* parts, std::size_t part_entries,
                                             const std::int64_t* annotations,
                                             std::size_t annotation_entries) {
    return guarded([&] {
        Polygons view;
        view.coordinates = coordinates;
        view.count = items(rings, ring_entries, "rings", vertices, "vertices");
        view.ring_offsets = rings;
        if (parts) {
            view.count = items(parts, part_entries, "parts", view.count, "rings");
            view.part_offsets = parts;
        }
        if (annotations) {
            view.count = items(annotations, annotation_entries, "annotations", view.count, "parts");
            view.annotation_offsets = annotations;
        }
        add(*shapes, Kind::polygon, shapes->polygons, view);
    });
}

HEATGRID_EXPORT Status heatgrid_set_masks(Shapes* shapes, const std::int64_t* sizes, std::size_t count,
                                          const std::uint8_t* codes, std::size_t characters,
                                          const std::int64_t* code_offsets, const std::int64_t* runs,
                                          std::size_t lengths, const std::int64_t* run_offsets) {
    return guarded([&] {
        items(code_offsets, count + 1, "codes", characters, "characters");
        items(run_offsets, count + 1, "runs", lengths, "run lengths");
        Masks view;
        view.count = count;
        view.sizes = sizes;
        view.codes = codes;
        view.code_offsets = code_offsets;
        view.runs = runs;
        view.run_offsets = run_offsets;
        add(*shapes, Kind::mask, shapes->masks, view);
    });
}

HEATGRID_EXPORT Status heatgrid_set_points(Shapes* shapes, const double* coordinates, std::size_t count,
                                           const std::int64_t* offsets, std::size_t entries,
                                           const std::uint8_t* visible) {
    return guarded([&] {
        PointSets view;
        view.coordinates = coordinates;
        view.count = offsets ? items(offsets, entries, "points", count, "coordinates") : count;
        view.offsets = offsets;
        view.visible = visible;
        add(*shapes, Kind::points, shapes->points, view);
    });
}

// --- Selecting and counting
// -----------------------------------------------------------------------------------

HEATGRID_EXPORT Status heatgrid_select(const Shapes* shapes, std::int32_t geometry, std::int32_t with_area,
                                       const std::uint8_t* flags, const std::uint8_t* sized,
                                       Outcome* outcomes, std::uint8_t* kinds, std::uint8_t* notes,
                                       double* boxes) {
    return guarded([&] {
        SelectionInput input;
        input.shapes = *shapes;
        input.flags = flags;
        input.sized = sized;
        input.geometry = choice(geometry, Geometry::line, "geometry");
        input.with_area = with_area != 0;
        if (input.geometry == Geometry::box && shapes->has(Kind::polygon) && !boxes) {
            refuse("boxes is required for the bounding boxes of polygons");
        }
        select_geometry(input, {outcomes, kinds, notes, boxes});
    });
}

HEATGRID_EXPORT Status heatgrid_count(const Shapes* shapes, const CountRequest* request) {
    return guarded([&] { count(*shapes, *request); });
}

// --- Reading
// --------------------------------------------------------------------------------------------------

// Scans the text that heatgrid_read delivers. `size` is its length.
HEATGRID_EXPORT Status heatgrid_scan_coco(double size, CocoScan** result) {
    Status status = Status::ok;
    *result = nullptr;
    const Status failed = guarded([&] {
        Utf8Check check;
        bool is_utf8 = true;
        TextWindow window([&](char* to, std::size_t capacity) {
            const std::int32_t count = heatgrid_read(to, capacity);
            if (count < 0) throw std::runtime_error("the text cannot be read");
            is_utf8 = is_utf8 && check.accept(to, static_cast<std::size_t>(count));
            return static_cast<std::size_t>(count);
        });
        std::optional<CocoScan> scan = scan_coco(window, static_cast<std::size_t>(size));
        if (!is_utf8 || (scan && !check.is_complete())) {
            status = Status::not_utf8;
        } else if (!scan) {
            status = Status::not_coco;
        } else {
            *result = new CocoScan(std::move(*scan));
        }
    });
    return failed == Status::ok ? status : failed;
}

HEATGRID_EXPORT void heatgrid_coco_free(CocoScan* scan) { delete scan; }

// A column by its number, in the order of COLUMNS in scan.js, and its size.
HEATGRID_EXPORT const void* heatgrid_coco_column(const CocoScan* scan, std::int32_t which,
                                                 std::size_t* size) {
    const CocoAnnotations& own = scan->annotations;
    switch (which) {
        case 0:
            return view(scan->images.ids, size);
        case 1:
            return view(scan->images.sizes, size);
        case 2:
            return view(scan->other_images.indices, size);
        case 3:
            return view(scan->other_images.text, size);
        case 4:
            return view(scan->categories, size);
        case 5:
            return view(own.image_ids, size);
        case 6:
            return view(own.category_ids, size);
        case 7:
            return view(own.ids, size);
        case 8:
            return view(own.traits, size);
        case 9:
            return view(own.box_lengths, size);
        case 10:
            return view(own.boxes, size);
        case 11:
            return view(own.ring_counts, size);
        case 12:
            return view(own.ring_lengths, size);
        case 13:
            return view(own.rings, size);
        case 14:
            return view(own.keypoint_lengths, size);
        case 15:
            return view(own.keypoints, size);
        case 16:
            return view(own.mask_sizes, size);
        case 17:
            return view(own.code_lengths, size);
        case 18:
            return view(own.codes, size);
        case 19:
            return view(own.run_lengths, size);
        case 20:
            return view(own.runs, size);
        case 21:
            return view(scan->other_annotations.indices, size);
        case 22:
            return view(scan->other_annotations.text, size);
        default:
            *size = 0;
            return nullptr;
    }
}

// Whether any of the first annotations has geometry, 1, or a caption, 2.
HEATGRID_EXPORT std::int32_t heatgrid_coco_content(const CocoScan* scan) {
    return (scan->annotations.has_geometry() ? 1 : 0) | (scan->annotations.has_captions() ? 2 : 0);
}

HEATGRID_EXPORT LabelRows* heatgrid_rows() { return new (std::nothrow) LabelRows; }

HEATGRID_EXPORT void heatgrid_rows_free(LabelRows* rows) { delete rows; }

// Appends the rows of a file; `is_read` is 0 if it holds anything but decimal numbers.
HEATGRID_EXPORT Status heatgrid_rows_add(LabelRows* rows, const char* text, std::size_t size,
                                         std::int32_t file, std::int32_t* is_read) {
    return guarded([&] { *is_read = parse_label_rows(text, size, file, *rows) ? 1 : 0; });
}

HEATGRID_EXPORT const void* heatgrid_rows_column(const LabelRows* rows, std::int32_t which,
                                                 std::size_t* size) {
    switch (which) {
        case 0:
            return view(rows->values, size);
        case 1:
            return view(rows->lengths, size);
        case 2:
            return view(rows->file, size);
        default:
            return view(rows->line, size);
    }
}
