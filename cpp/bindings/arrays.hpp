// numpy arrays to kernel views: validation of types, layouts and shapes, and the error messages.
//
// Inputs are C-contiguous arrays of the kernel's own types; the caller has converted them. Outputs (`out`)
// are never converted, since a converted copy would swallow the result.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checks.hpp"
#include "heatgrid/count/count.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid::bindings {

namespace py = pybind11;

using Doubles = py::array_t<double, py::array::c_style>;
using Integers = py::array_t<std::int64_t, py::array::c_style>;
using Bytes = py::array_t<std::uint8_t, py::array::c_style>;

/// Function that raises to stop what runs in the current thread; null until it is set.
inline PyObject*& stop_check() noexcept {
    static PyObject* check = nullptr;
    return check;
}

/// A copy, which no other thread can change between validation and use.
template <class Array>
Array own(const Array& array) {
    return Array({array.shape(), array.shape() + array.ndim()}, array.data());
}
template <class Array>
std::optional<Array> own(const std::optional<Array>& array) {
    return array ? std::optional<Array>(own(*array)) : std::nullopt;
}

/// A copy of an outer level of offsets; none if it only numbers the items of the inner level, 0, 1, 2 ...
inline std::optional<Integers> own_level(const std::optional<Integers>& level, const Integers& inner) {
    if (!level || level->ndim() != 1 || level->size() != inner.size()) return own(level);
    const std::int64_t* const values = level->data();
    for (py::ssize_t i = 0; i < level->size(); ++i) {
        if (values[i] != i) return own(level);
    }
    return std::nullopt;
}

/// Calls use() without the GIL. Signals and `_core.set_stop_check`'s function may stop it by an exception.
template <class Use>
auto without_gil(const Use& use) {
    const py::gil_scoped_release release;
    const Interruptible work([] {
        const py::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (const py::handle check = stop_check()) check();
    });
    return use();
}

/// Number of rows of an array of shape (n, columns).
inline std::size_t rows_of(const Doubles& array, const char* name, py::ssize_t columns) {
    if (array.ndim() != 2 || array.shape(1) != columns) {
        refuse(std::string(name) + " must have shape (N, " + std::to_string(columns) + ")");
    }
    return static_cast<std::size_t>(array.shape(0));
}

inline Sizes sizes_view(const std::optional<Doubles>& sizes, std::size_t count) {
    if (!sizes) return {};
    if (sizes->ndim() == 1 && sizes->shape(0) == 2) return {sizes->data(), 0};
    if (sizes->ndim() == 2 && sizes->shape(1) == 2 && static_cast<std::size_t>(sizes->shape(0)) == count) {
        return {sizes->data(), 2};
    }
    refuse("sizes must be one (width, height) pair or an array of shape (" + std::to_string(count) +
           ", 2), one pair per annotation");
}

/// Checks for one value per annotation.
template <class Array>
void check_length(const Array& array, const char* name, std::size_t count) {
    if (array.ndim() != 1 || static_cast<std::size_t>(array.shape(0)) != count) {
        refuse(std::string(name) + " must have shape (" + std::to_string(count) +
               ",), one entry per annotation");
    }
}

inline const std::int64_t* labels_view(const std::optional<Integers>& labels, std::size_t count,
                                       std::size_t classes) {
    if (!labels) return nullptr;
    check_length(*labels, "labels", count);
    check_labels(labels->data(), count, classes);
    return labels->data();
}

inline const std::int64_t* images_view(const std::optional<Integers>& images, std::size_t count) {
    if (!images) return nullptr;
    check_length(*images, "images", count);
    return images->data();
}

inline const double* weights_view(const std::optional<Doubles>& weights, std::size_t count) {
    if (!weights) return nullptr;
    check_length(*weights, "weights", count);
    const double* values = weights->data();
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_finite(values[i])) refuse("weights[" + std::to_string(i) + "] is not finite");
    }
    return values;
}

/// Checks one level of offsets: begins at or after 0, never decreases, ends at or before `limit`.
inline std::size_t check_offsets(const Integers& offsets, const char* name, std::size_t limit,
                                 const char* what) {
    if (offsets.ndim() != 1 || offsets.shape(0) < 1) {
        refuse(std::string(name) + " offsets must be one-dimensional, with one more entry than there are " +
               name);
    }
    const auto count = static_cast<std::size_t>(offsets.shape(0)) - 1;
    check_offsets(offsets.data(), count, name, limit, what);
    return count;
}

/// Destination (classes, rows, columns), changed in place.
template <class Cell>
Planes<Cell> planes_view(py::array& out) {
    const auto cell = py::dtype::of<Cell>();
    if (!out.dtype().is(cell) && !out.dtype().equal(cell)) {  // an unpickled array has a dtype of its own
        throw py::type_error("out must be a " + py::str(cell).cast<std::string>() + " array, not " +
                             py::str(out.dtype()).cast<std::string>());
    }
    if (!(out.flags() & py::array::c_style)) refuse("out must be C-contiguous");
    if (!out.writeable()) refuse("out must be writeable");
    if (!(out.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_)) refuse("out must be aligned in memory");
    if (out.ndim() != 3 || out.shape(1) < 1 || out.shape(2) < 1) refuse("out must be a grid");
    if (out.shape(1) > max_cells_per_axis || out.shape(2) > max_cells_per_axis) {
        refuse("shape must not exceed 2^26 cells along an axis");
    }
    return {static_cast<Cell*>(out.mutable_data()), static_cast<std::size_t>(out.shape(0)),
            Grid{static_cast<std::int32_t>(out.shape(1)), static_cast<std::int32_t>(out.shape(2))}};
}

/// The memory of an argument, from its first to its last byte.
struct Memory {
    Memory(const char* argument, const py::array& array) : name(argument) {
        low = high = static_cast<const char*>(array.data());
        if (array.size() == 0) return;
        high += array.itemsize();
        for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
            const py::ssize_t reach = (array.shape(axis) - 1) * array.strides(axis);
            (reach < 0 ? low : high) += reach;
        }
    }

    /// Refuses an output that overlaps this input.
    void check_apart(const Memory& output) const {
        if (std::less<>()(low, output.high) && std::less<>()(output.low, high)) {
            refuse(std::string(output.name) + " must not overlap " + name + " in memory");
        }
    }

    const char* name;
    const char* low;
    const char* high;
};
using Inputs = std::vector<Memory>;

template <class Array>
void check_apart(const char* name, const std::optional<Array>& input, const Memory& output) {
    if (input) Memory(name, *input).check_apart(output);
}

/// The outcomes in and out: one per annotation.
inline Outcome* outcome_view(Bytes& outcome, std::size_t count) {
    check_length(outcome, "outcome", count);
    static_assert(sizeof(Outcome) == sizeof(std::uint8_t));
    return reinterpret_cast<Outcome*>(outcome.mutable_data());
}

/// Offsets of exactly `count` items, into `limit` values.
inline const std::int64_t* offsets_view(const Integers& offsets, const char* name, std::size_t count,
                                        std::size_t limit, const char* what) {
    if (check_offsets(offsets, name, limit, what) != count) {
        refuse(std::string(name) + " offsets must have one more entry than there are annotations");
    }
    return offsets.data();
}

}  // namespace heatgrid::bindings
