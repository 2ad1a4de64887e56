// Text to columns: called with the GIL held, read without it, and the columns' memory handed to numpy.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "arrays.hpp"
#include "bindings.hpp"
#include "heatgrid/text/coco_reader.hpp"
#include "heatgrid/text/file_bytes.hpp"
#include "heatgrid/text/label_rows.hpp"

namespace heatgrid::bindings {
namespace {

template <class Value>
using Array = py::array_t<Value, py::array::c_style>;

// An array that owns what the column held.
template <class Value>
Array<Value> hand_on(Column<Value>& column) {
    const std::size_t size = column.size();
    Value* const values = column.release();
    if (size == 0) {
        std::free(values);
        return Array<Value>(0);
    }
    return Array<Value>(size, values, py::capsule(values, [](void* owned) { std::free(owned); }));
}

std::optional<CocoFile> read_coco_text(const py::bytes& content) {
    const std::string_view text = content;
    const py::gil_scoped_release release;
    return read_coco(text.data(), text.size());
}

std::size_t read_or_raise(int descriptor, char* to, std::size_t room) {
    try {
        return read_some(descriptor, to, room);
    } catch (const std::system_error& error) {
        const py::gil_scoped_acquire acquire;
        errno = error.code().value();
        PyErr_SetFromErrno(PyExc_OSError);
        throw py::error_already_set();
    }
}

// Signals are minded whenever more is read.
std::optional<CocoFile> read_coco_file(int descriptor, std::size_t size) {
    std::size_t rest = size;
    const auto source = [&](char* to, std::size_t room) {
        const std::size_t count = read_or_raise(descriptor, to, std::min(room, rest));
        rest -= count;
        const py::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        return count;
    };
    const py::gil_scoped_release release;
    TextWindow window(source);
    return read_coco(window, size);
}

py::bytes categories_of(const CocoFile& file) { return {file.categories.data(), file.categories.size()}; }

py::bytes names_of(const CocoFile& file) { return {file.images.names.data(), file.images.names.size()}; }

// A method that gives one column away.
template <class Group, class Value>
auto giving(Group CocoFile::* group, Column<Value> Group::* column) {
    return [group, column](CocoFile& file) { return hand_on(file.*group.*column); };
}

// The rows' numbers, lengths, files and lines, and the files that are left.
using LabelColumns = std::tuple<Array<double>, Array<std::int64_t>, Array<std::int64_t>, Array<std::int64_t>,
                                Array<std::int64_t>>;

// What os.fsencode makes of a path.
std::string file_name(const py::str& path) {
    const auto encoded = py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
    if (!encoded) throw py::error_already_set();
    return encoded;
}

LabelColumns label_columns(const std::vector<py::str>& paths, std::size_t largest, std::size_t threads) {
    if (threads == 0) refuse("threads must be positive");
    std::vector<std::string> names;
    names.reserve(paths.size());
    for (const py::str& path : paths) names.push_back(file_name(path));
    LabelFiles files;
    {
        const py::gil_scoped_release release;
        files = read_label_files(names, largest, threads);
    }
    LabelRows& rows = files.rows;
    return {hand_on(rows.values), hand_on(rows.lengths), hand_on(rows.file), hand_on(rows.line),
            hand_on(files.left)};
}

}  // namespace

void bind_reading(py::module_& module) {
    using Images = CocoImages;
    using Marks = CocoAnnotations;
    constexpr auto images = &CocoFile::images;
    constexpr auto marks = &CocoFile::annotations;
    py::native_enum<CocoTrait>(module, "CocoTrait", "enum.Enum")
        .value("id", CocoTrait::id)
        .value("crowd", CocoTrait::crowd)
        .value("ignore", CocoTrait::ignore)
        .finalize();
    py::class_<CocoFile>(module, "CocoFile")
        .def("categories", &categories_of)
        .def("image_names", &names_of)
        .def("take_image_numbers", giving(images, &Images::ids))
        .def("take_image_sizes", giving(images, &Images::sizes))
        .def("take_image_ids", giving(marks, &Marks::image_ids))
        .def("take_category_ids", giving(marks, &Marks::category_ids))
        .def("take_ids", giving(marks, &Marks::ids))
        .def("take_traits", giving(marks, &Marks::traits))
        .def("take_scores", giving(marks, &Marks::scores))
        .def("take_box_lengths", giving(marks, &Marks::box_lengths))
        .def("take_boxes", giving(marks, &Marks::boxes))
        .def("take_ring_counts", giving(marks, &Marks::ring_counts))
        .def("take_ring_lengths", giving(marks, &Marks::ring_lengths))
        .def("take_rings", giving(marks, &Marks::rings))
        .def("take_keypoint_lengths", giving(marks, &Marks::keypoint_lengths))
        .def("take_keypoints", giving(marks, &Marks::keypoints))
        .def("take_mask_sizes", giving(marks, &Marks::mask_sizes))
        .def("take_code_lengths", giving(marks, &Marks::code_lengths))
        .def("take_codes", giving(marks, &Marks::codes))
        .def("take_run_lengths", giving(marks, &Marks::run_lengths))
        .def("take_runs", giving(marks, &Marks::runs));
    module.def("read_coco", &read_coco_text, py::arg("content"));
    module.def("read_coco_file", &read_coco_file, py::arg("descriptor"), py::arg("size"));
    module.def("read_label_files", &label_columns, py::arg("paths"), py::arg("largest"), py::arg("threads"));
}

}  // namespace heatgrid::bindings
