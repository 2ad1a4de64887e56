// Text to columns. Scans without the GIL; arrays are views of the columns.
#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "arrays.hpp"
#include "bindings.hpp"
#include "heatgrid/text/coco_scan.hpp"
#include "heatgrid/text/image_lines.hpp"
#include "heatgrid/text/label_image.hpp"
#include "heatgrid/text/label_rows.hpp"
#include "heatgrid/text/png_rows.hpp"
#include "heatgrid/text/table_scan.hpp"
#include "heatgrid/text/utf8.hpp"

namespace heatgrid::bindings {
namespace {

// A column as an array that keeps its owner alive; text is copied.
template <class Value>
auto view(Column<Value>& column, const py::object& owner) {
    if constexpr (std::is_same_v<Value, char>) {
        return py::bytes(column.data(), column.size());
    } else {
        return py::array_t<Value, py::array::c_style>(column.size(), column.data(), owner);
    }
}

// Getter of a column.
template <class Group, class Value>
auto getter(Group CocoScan::* group, Column<Value> Group::* column) {
    return [=](const py::object& self) { return view(self.cast<CocoScan&>().*group.*column, self); };
}

using ReadInto = py::typing::Callable<py::object(py::memoryview)>;

// A text that Python reads piece by piece. Looks whether to stop at every piece.
class Source {
  public:
    Source(const ReadInto& readinto, std::size_t size) : readinto_(readinto), rest_(size) {}

    std::size_t operator()(char* to, std::size_t capacity) {
        Interruptible::look();
        const py::gil_scoped_acquire acquire;
        const auto room = static_cast<py::ssize_t>(std::min(capacity, rest_));
        const auto count = readinto_(py::memoryview::from_memory(to, room)).cast<std::size_t>();
        rest_ -= count;
        is_utf8_ = is_utf8_ && check_.accept(to, count);
        return count;
    }

    [[nodiscard]] bool is_utf8() const noexcept { return is_utf8_ && check_.is_complete(); }

  private:
    const ReadInto& readinto_;
    std::size_t rest_;
    Utf8Check check_;
    bool is_utf8_ = true;
};

// Scans a file in parts, each a function that reads and a size, with a thread for each.
std::optional<CocoScan> scan_coco_file(const std::vector<std::pair<ReadInto, std::size_t>>& parts) {
    if (parts.empty()) refuse("parts must not be empty");
    std::deque<Source> sources;
    std::size_t size = 0;
    for (const auto& [readinto, part_size] : parts) {
        sources.emplace_back(readinto, part_size);
        size += part_size;
    }
    std::optional<CocoScan> scan = without_gil([&] {
        std::deque<TextWindow> windows;
        std::vector<TextWindow*> texts;
        for (Source& source : sources) texts.push_back(&windows.emplace_back(std::ref(source)));
        return scan_coco(texts, size);
    });
    const bool is_utf8 =
        std::all_of(sources.begin(), sources.end(), [](const Source& source) { return source.is_utf8(); });
    return is_utf8 ? std::move(scan) : std::nullopt;
}

// Values, row lengths, files and lines of the rows; indices of the files that are left to a slower reader.
using LabelColumns = std::tuple<Doubles, Integers, Integers, Integers, Integers>;

// Getter of a column of image lines.
template <class Value>
auto line_getter(Column<Value> ImageLines::* column) {
    return [=](const py::object& self) { return view(self.cast<ImageLines&>().*column, self); };
}

// None if the text is not UTF-8.
std::optional<ImageLines> image_lines(const py::bytes& text) {
    const std::string_view content = text;
    return without_gil([&]() -> std::optional<ImageLines> {
        Utf8Check check;
        if (!check.accept(content.data(), content.size()) || !check.is_complete()) return std::nullopt;
        return scan_image_lines(content.data(), content.size());
    });
}

// The path as os.fsencode encodes it.
std::string file_name(const py::str& path) {
    const auto encoded = py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
    if (!encoded) throw py::error_already_set();
    return encoded;
}

LabelColumns label_columns(const std::vector<std::variant<py::bytes, py::str>>& sources,
                           std::size_t max_bytes, std::size_t threads) {
    if (threads == 0) refuse("threads must be positive");
    std::vector<LabelFile> label_files;
    label_files.reserve(sources.size());
    for (const auto& source : sources) {
        if (const auto* content = std::get_if<py::bytes>(&source)) {
            label_files.emplace_back(std::string_view(*content));
        } else {
            label_files.emplace_back(file_name(std::get<py::str>(source)));
        }
    }
    auto files = std::make_unique<LabelFiles>();
    without_gil([&] { *files = read_label_files(label_files, max_bytes, threads); });
    LabelRows& rows = files->rows;
    Column<std::int64_t>& left = files->left;
    const py::capsule owner(files.release(), [](void* owned) { delete static_cast<LabelFiles*>(owned); });
    return {view(rows.values, owner), view(rows.lengths, owner), view(rows.file, owner),
            view(rows.line, owner), view(left, owner)};
}

using Texts = py::typing::List<py::str>;

// A scanned table, with the text that it refers to.
class Table {
  public:
    // None if the text is left to a slower reader.
    static std::optional<Table> of(const py::bytes& text, char delimiter, std::size_t width) {
        const std::string_view content = text;
        auto scan = without_gil([&] { return TableScan::of(content, delimiter, width); });
        if (!scan) return std::nullopt;
        return Table(text, std::move(*scan));
    }

    Integers lines() const { return Integers(static_cast<py::ssize_t>(scan_.rows()), scan_.lines().data()); }

    std::optional<Doubles> numbers(std::size_t column) const {
        check(column);
        Doubles values(static_cast<py::ssize_t>(scan_.rows()));
        double* const to = values.mutable_data();
        if (!without_gil([&] { return scan_.numbers(column, to); })) return std::nullopt;
        return values;
    }

    std::pair<Integers, Texts> encode(std::size_t column) const {
        check(column);
        Integers codes(static_cast<py::ssize_t>(scan_.rows()));
        std::int64_t* const to = codes.mutable_data();
        const auto values = without_gil([&] { return scan_.encode(column, to); });
        Texts texts;
        for (const std::string_view value : values) texts.append(py::str(value.data(), value.size()));
        return {codes, texts};
    }

    Texts cells(std::size_t column) const {
        check(column);
        Texts texts;
        for (std::size_t row = 0; row < scan_.rows(); ++row) {
            const std::string_view cell = scan_.cell(row, column);
            texts.append(py::str(cell.data(), cell.size()));
        }
        return texts;
    }

  private:
    Table(const py::bytes& text, TableScan&& scan) : text_(text), scan_(std::move(scan)) {}
    void check(std::size_t column) const {
        if (column >= scan_.width()) refuse("column must be below the number of columns");
    }

    py::bytes text_;
    TableScan scan_;
};

// Labels, run lengths, offsets and boxes of a label image.
using LabelRuns = std::tuple<Integers, Integers, Integers, Doubles>;

template <class Pixel>
LabelRuns label_runs(const py::array_t<Pixel, py::array::c_style>& image) {
    if (image.ndim() != 2) refuse("image must have two dimensions");
    auto masks = std::make_unique<LabelMasks>();
    const auto height = static_cast<std::size_t>(image.shape(0));
    const auto width = static_cast<std::size_t>(image.shape(1));
    const Pixel* const pixels = image.data();
    without_gil([&] { *masks = label_masks(pixels, height, width); });
    LabelMasks& own = *masks;
    const py::capsule owner(masks.release(), [](void* owned) { delete static_cast<LabelMasks*>(owned); });
    return {view(own.labels, owner), view(own.runs, owner), view(own.offsets, owner), view(own.boxes, owner)};
}

// Pixels, of `step` bytes each, of the unpacked data of a PNG image; None for an unknown filter.
std::optional<py::array_t<std::uint8_t>> png_pixels(const py::bytes& rows, std::size_t height,
                                                    std::size_t width, std::size_t step) {
    const std::string_view text = rows;
    if (step < 1 || step > 3) refuse("step must be 1, 2 or 3");
    const std::size_t bytes = width * step + 1;  // of a row
    if (width > text.size() || text.size() % bytes != 0 || text.size() / bytes != height) {
        refuse("rows must have the size of the image");
    }
    py::array_t<std::uint8_t> pixels({height, width * step});
    const auto* const from = reinterpret_cast<const std::uint8_t*>(text.data());
    std::uint8_t* const to = pixels.mutable_data();
    const auto unfilter = step == 1   ? unfilter_png_rows<1>
                          : step == 2 ? unfilter_png_rows<2>
                                      : unfilter_png_rows<3>;
    bool is_known = false;
    without_gil([&] { is_known = unfilter(from, height, step * width, to); });
    if (!is_known) return std::nullopt;
    return pixels;
}

}  // namespace

void bind_reading(py::module_& module) {
    py::native_enum<CocoTrait>(module, "CocoTrait", "enum.Enum")
        .value("id", CocoTrait::id)
        .value("crowd", CocoTrait::crowd)
        .value("ignore", CocoTrait::ignore)
        .finalize();
    const auto images = [](auto column) { return getter(&CocoScan::images, column); };
    const auto annotations = [](auto column) { return getter(&CocoScan::annotations, column); };
    const auto other_images = [](auto column) { return getter(&CocoScan::other_images, column); };
    const auto others = [](auto column) { return getter(&CocoScan::other_annotations, column); };
    py::class_<CocoScan>(module, "CocoColumns")
        .def_property_readonly("image_numbers", images(&CocoImages::ids))
        .def_property_readonly("image_sizes", images(&CocoImages::sizes))
        .def_property_readonly("image_names", images(&CocoImages::names))
        .def_property_readonly("other_image_indices", other_images(&CocoRemainder::indices))
        .def_property_readonly("other_images", other_images(&CocoRemainder::text))
        .def_property_readonly("image_ids", annotations(&CocoAnnotations::image_ids))
        .def_property_readonly("category_ids", annotations(&CocoAnnotations::category_ids))
        .def_property_readonly("ids", annotations(&CocoAnnotations::ids))
        .def_property_readonly("traits", annotations(&CocoAnnotations::traits))
        .def_property_readonly("scores", annotations(&CocoAnnotations::scores))
        .def_property_readonly("box_lengths", annotations(&CocoAnnotations::box_lengths))
        .def_property_readonly("boxes", annotations(&CocoAnnotations::boxes))
        .def_property_readonly("ring_counts", annotations(&CocoAnnotations::ring_counts))
        .def_property_readonly("ring_lengths", annotations(&CocoAnnotations::ring_lengths))
        .def_property_readonly("rings", annotations(&CocoAnnotations::rings))
        .def_property_readonly("keypoint_lengths", annotations(&CocoAnnotations::keypoint_lengths))
        .def_property_readonly("keypoints", annotations(&CocoAnnotations::keypoints))
        .def_property_readonly("mask_sizes", annotations(&CocoAnnotations::mask_sizes))
        .def_property_readonly("code_lengths", annotations(&CocoAnnotations::code_lengths))
        .def_property_readonly("codes", annotations(&CocoAnnotations::codes))
        .def_property_readonly("run_lengths", annotations(&CocoAnnotations::run_lengths))
        .def_property_readonly("runs", annotations(&CocoAnnotations::runs))
        .def_property_readonly("other_indices", others(&CocoRemainder::indices))
        .def_property_readonly("others", others(&CocoRemainder::text))
        .def_property_readonly("categories", [](CocoScan& scan) { return view(scan.categories, {}); })
        .def_property_readonly("has_geometry",
                               [](const CocoScan& scan) { return scan.annotations.has_geometry(); })
        .def_property_readonly("has_captions",
                               [](const CocoScan& scan) { return scan.annotations.has_captions(); });
    module.def("scan_coco", &scan_coco_file, py::arg("parts"));
    module.def("read_label_files", &label_columns, py::arg("sources"), py::arg("max_bytes"),
               py::arg("threads"));
    module.def("label_masks", &label_runs<std::uint8_t>, py::arg("image").noconvert());
    module.def("label_masks", &label_runs<std::uint16_t>, py::arg("image").noconvert());
    module.def("label_masks", &label_runs<std::uint32_t>, py::arg("image").noconvert());
    module.def("label_masks", &label_runs<std::int64_t>, py::arg("image").noconvert());
    module.def("png_pixels", &png_pixels, py::arg("rows"), py::arg("height"), py::arg("width"),
               py::arg("step"));
    py::class_<ImageLines>(module, "ImageLines")
        .def_property_readonly("lines", line_getter(&ImageLines::lines))
        .def_property_readonly("sizes", line_getter(&ImageLines::sizes))
        .def_property_readonly("names", line_getter(&ImageLines::names))
        .def_property_readonly("splits", line_getter(&ImageLines::splits))
        .def_property_readonly("kinds", line_getter(&ImageLines::kinds))
        .def_property_readonly("rows", line_getter(&ImageLines::rows))
        .def_property_readonly("values", line_getter(&ImageLines::values))
        .def_property_readonly("lengths", line_getter(&ImageLines::lengths))
        .def_property_readonly("others", line_getter(&ImageLines::others))
        .def_property_readonly("bounds", line_getter(&ImageLines::bounds))
        .def_readonly("count", &ImageLines::count);
    py::class_<Table>(module, "Table")
        .def_property_readonly("lines", &Table::lines)
        .def("numbers", &Table::numbers, py::arg("column"))
        .def("encode", &Table::encode, py::arg("column"))
        .def("cells", &Table::cells, py::arg("column"));
    module.def("scan_table", &Table::of, py::arg("text"), py::arg("delimiter"), py::arg("width"));
    module.def("scan_image_lines", &image_lines, py::arg("text"));
}

}  // namespace heatgrid::bindings
