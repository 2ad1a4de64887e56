// Text to columns. Called with the GIL held, scans without it, and hands the columns' memory to numpy.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "arrays.hpp"
#include "bindings.hpp"
#include "heatgrid/text/coco_scan.hpp"
#include "heatgrid/text/file_bytes.hpp"
#include "heatgrid/text/label_rows.hpp"

namespace heatgrid::bindings {
namespace {

template <class Value>
using Array = py::array_t<Value, py::array::c_style>;

// Moves a column into an array that owns the memory.
template <class Value>
Array<Value> to_array(Column<Value>& column) {
    const std::size_t size = column.size();
    Value* const values = column.release();
    if (size == 0) {
        std::free(values);
        return Array<Value>(0);
    }
    return Array<Value>(size, values, py::capsule(values, [](void* owned) { std::free(owned); }));
}

py::bytes to_bytes(const Column<char>& text) { return {text.data(), text.size()}; }

using Integers = Array<std::int64_t>;
using Floats = Array<double>;
using Bytes = Array<std::uint8_t>;

// A CocoScan whose columns are arrays.
struct CocoColumns {
    explicit CocoColumns(CocoScan scan) : CocoColumns(scan, scan.images, scan.annotations) {}

    Integers image_numbers;
    Floats image_sizes;
    py::bytes image_names;
    Integers other_image_indices;
    py::bytes other_images;
    py::bytes categories;
    Integers image_ids, category_ids, ids;
    Bytes traits;
    Floats scores;
    Integers box_lengths;
    Floats boxes;
    Integers ring_counts, ring_lengths;
    Floats rings;
    Integers keypoint_lengths;
    Floats keypoints;
    Integers mask_sizes, code_lengths;
    Bytes codes;
    Integers run_lengths, runs;
    Integers other_indices;
    py::bytes others;
    bool has_geometry, has_captions;

  private:
    CocoColumns(CocoScan& scan, CocoImages& images, CocoAnnotations& annotations)
        : image_numbers(to_array(images.ids)),
          image_sizes(to_array(images.sizes)),
          image_names(to_bytes(images.names)),
          other_image_indices(to_array(images.remainder.indices)),
          other_images(to_bytes(images.remainder.text)),
          categories(to_bytes(scan.categories)),
          image_ids(to_array(annotations.image_ids)),
          category_ids(to_array(annotations.category_ids)),
          ids(to_array(annotations.ids)),
          traits(to_array(annotations.traits)),
          scores(to_array(annotations.scores)),
          box_lengths(to_array(annotations.box_lengths)),
          boxes(to_array(annotations.boxes)),
          ring_counts(to_array(annotations.ring_counts)),
          ring_lengths(to_array(annotations.ring_lengths)),
          rings(to_array(annotations.rings)),
          keypoint_lengths(to_array(annotations.keypoint_lengths)),
          keypoints(to_array(annotations.keypoints)),
          mask_sizes(to_array(annotations.mask_sizes)),
          code_lengths(to_array(annotations.code_lengths)),
          codes(to_array(annotations.codes)),
          run_lengths(to_array(annotations.run_lengths)),
          runs(to_array(annotations.runs)),
          other_indices(to_array(annotations.remainder.indices)),
          others(to_bytes(annotations.remainder.text)),
          has_geometry(annotations.has_geometry),
          has_captions(annotations.has_captions) {}
};

std::size_t read_or_raise(int descriptor, char* to, std::size_t capacity) {
    try {
        return read_some(descriptor, to, capacity);
    } catch (const std::system_error& error) {
        const py::gil_scoped_acquire acquire;
        errno = error.code().value();
        PyErr_SetFromErrno(PyExc_OSError);
        throw py::error_already_set();
    }
}

// Checks for signals whenever the window is refilled.
std::optional<CocoColumns> scan_coco_file(int descriptor, std::size_t size) {
    std::size_t rest = size;
    const auto source = [&](char* to, std::size_t capacity) {
        const std::size_t count = read_or_raise(descriptor, to, std::min(capacity, rest));
        rest -= count;
        const py::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        return count;
    };
    std::optional<CocoScan> scan;
    {
        const py::gil_scoped_release release;
        TextWindow window(source);
        scan = scan_coco(window, size);
    }
    if (!scan) return std::nullopt;
    return CocoColumns(std::move(*scan));
}

// Values, row lengths, files and lines of the rows; indices of the files that are left to a slower reader.
using LabelColumns = std::tuple<Floats, Integers, Integers, Integers, Integers>;

// The path as os.fsencode encodes it.
std::string file_name(const py::str& path) {
    const auto encoded = py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
    if (!encoded) throw py::error_already_set();
    return encoded;
}

LabelColumns label_columns(const std::vector<py::str>& paths, std::size_t max_bytes, std::size_t threads) {
    if (threads == 0) refuse("threads must be positive");
    std::vector<std::string> names;
    names.reserve(paths.size());
    for (const py::str& path : paths) names.push_back(file_name(path));
    LabelFiles files;
    {
        const py::gil_scoped_release release;
        files = read_label_files(names, max_bytes, threads);
    }
    LabelRows& rows = files.rows;
    return {to_array(rows.values), to_array(rows.lengths), to_array(rows.file), to_array(rows.line),
            to_array(files.left)};
}

}  // namespace

void bind_reading(py::module_& module) {
    py::native_enum<CocoTrait>(module, "CocoTrait", "enum.Enum")
        .value("id", CocoTrait::id)
        .value("crowd", CocoTrait::crowd)
        .value("ignore", CocoTrait::ignore)
        .finalize();
    py::class_<CocoColumns>(module, "CocoColumns")
        .def_readonly("image_numbers", &CocoColumns::image_numbers)
        .def_readonly("image_sizes", &CocoColumns::image_sizes)
        .def_readonly("image_names", &CocoColumns::image_names)
        .def_readonly("other_image_indices", &CocoColumns::other_image_indices)
        .def_readonly("other_images", &CocoColumns::other_images)
        .def_readonly("categories", &CocoColumns::categories)
        .def_readonly("image_ids", &CocoColumns::image_ids)
        .def_readonly("category_ids", &CocoColumns::category_ids)
        .def_readonly("ids", &CocoColumns::ids)
        .def_readonly("traits", &CocoColumns::traits)
        .def_readonly("scores", &CocoColumns::scores)
        .def_readonly("box_lengths", &CocoColumns::box_lengths)
        .def_readonly("boxes", &CocoColumns::boxes)
        .def_readonly("ring_counts", &CocoColumns::ring_counts)
        .def_readonly("ring_lengths", &CocoColumns::ring_lengths)
        .def_readonly("rings", &CocoColumns::rings)
        .def_readonly("keypoint_lengths", &CocoColumns::keypoint_lengths)
        .def_readonly("keypoints", &CocoColumns::keypoints)
        .def_readonly("mask_sizes", &CocoColumns::mask_sizes)
        .def_readonly("code_lengths", &CocoColumns::code_lengths)
        .def_readonly("codes", &CocoColumns::codes)
        .def_readonly("run_lengths", &CocoColumns::run_lengths)
        .def_readonly("runs", &CocoColumns::runs)
        .def_readonly("other_indices", &CocoColumns::other_indices)
        .def_readonly("others", &CocoColumns::others)
        .def_readonly("has_geometry", &CocoColumns::has_geometry)
        .def_readonly("has_captions", &CocoColumns::has_captions);
    module.def("scan_coco", &scan_coco_file, py::arg("descriptor"), py::arg("size"));
    module.def("read_label_files", &label_columns, py::arg("paths"), py::arg("max_bytes"),
               py::arg("threads"));
}

}  // namespace heatgrid::bindings
