// Masks from numpy: run-length codes as columns, and bitmaps as they are.
#pragma once

#include <string>
#include <vector>

#include "arrays.hpp"

namespace heatgrid::bindings {

using Bytes = py::array_t<std::uint8_t, py::array::c_style>;

// Run-length codes of N masks, as heatgrid.core.ragged.Masks holds them.
struct MaskColumns {
    Integers sizes;  // (N, 2) height, width
    Bytes codes;
    Integers code_offsets;
    Integers runs;
    Integers run_offsets;
    bool column_major;

    [[nodiscard]] Masks view() const {
        if (sizes.ndim() != 2 || sizes.shape(1) != 2) refuse("sizes of masks must have shape (N, 2)");
        Masks view;
        view.count = static_cast<std::size_t>(sizes.shape(0));
        view.sizes = sizes.data();
        view.codes = codes.data();
        view.code_offsets = offsets_view(code_offsets, "codes", view.count,
                                         static_cast<std::size_t>(codes.size()), "characters");
        view.runs = runs.data();
        view.run_offsets = offsets_view(run_offsets, "runs", view.count,
                                        static_cast<std::size_t>(runs.size()), "run lengths");
        view.order = column_major ? PixelOrder::column_major : PixelOrder::row_major;
        return view;
    }
};

// Two-dimensional arrays of bytes or bools, of any strides, which the caller keeps alive.
class Bitmaps {
  public:
    explicit Bitmaps(const std::vector<py::array>& arrays) {
        for (std::size_t i = 0; i < arrays.size(); ++i) {
            const py::array& array = arrays[i];
            if (array.ndim() != 2) refuse("masks[" + std::to_string(i) + "] must have two dimensions");
            if (array.itemsize() != 1) refuse("masks[" + std::to_string(i) + "] must hold bools or uint8");
            bitmaps_.push_back(
                {static_cast<const std::uint8_t*>(array.data()), array.strides(0), array.strides(1)});
            sizes_.push_back(array.shape(0));
            sizes_.push_back(array.shape(1));
        }
    }

    // Valid while this is.
    [[nodiscard]] Masks view() const noexcept {
        Masks view;
        view.count = bitmaps_.size();
        view.sizes = sizes_.data();
        view.bitmaps = bitmaps_.data();
        return view;
    }

  private:
    std::vector<Bitmap> bitmaps_;
    std::vector<std::int64_t> sizes_;
};

}  // namespace heatgrid::bindings
