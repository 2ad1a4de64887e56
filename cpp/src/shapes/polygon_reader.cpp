#include "heatgrid/shapes/polygon_reader.hpp"

#include <cstdint>

namespace heatgrid {
namespace {

// Whether a mean is farther than `margin` from any grid line, so that its rounding does not matter.
bool is_off_grid_lines(double mean, const Axis& axis, double margin) noexcept {
    const double in_cells = mean * axis.scale();
    const double past_line = in_cells - static_cast<double>(static_cast<std::int32_t>(in_cells));
    const double near = margin * axis.scale();
    return past_line > near && past_line < 1.0 - near;
}

}  // namespace

const double* PolygonReader::divide_by_size() {
    if (normalized_.size() < 2 * vertex_count_) normalized_.resize(2 * vertex_count_);
    const Double2 size(polygons_->sizes.width(annotation_), polygons_->sizes.height(annotation_));
    for (std::size_t i = 0; i < vertex_count_; ++i) {
        (Double2::load(vertices_ + 2 * i) / size).store(normalized_.data() + 2 * i);
    }
    return normalized_.data();
}

// Needs two vertices that differ in both coordinates, and a mean within the image.
bool PolygonReader::accept_by_mean() noexcept {
    if (has_many_parts() || last_ring_ - first_ring_ != 1 || vertex_count_ < min_vertices) return false;
    estimated_mean_ = estimate_mean();
    const Double2 step = abs(Double2::load(vertices_) - Double2::load(vertices_ + 2));
    const Double2 past(mean_error());
    if (!((Double2(0.0) < step) & (past < *estimated_mean_) & (*estimated_mean_ < Double2(1.0) - past)).all())
        return false;
    accept_visible();
    return true;
}

std::optional<Run> PolygonReader::mean_cell() {
    const double margin = mean_error();
    const bool is_exact = estimated_mean_ && is_off_grid_lines(estimated_mean_->first(), cells_.x, margin) &&
                          is_off_grid_lines(estimated_mean_->second(), cells_.y, margin);
    const Double2 mean = is_exact ? *estimated_mean_ : exact_mean();
    if (!hits_grid(mean.first(), mean.second())) return std::nullopt;
    const std::int32_t column = cells_.x.cell_of(mean.first());
    return Run{cells_.y.cell_of(mean.second()), column, column + 1};
}

// Mean of a ring's vertices, summed in two lanes.
Double2 PolygonReader::estimate_mean() const noexcept {
    Double2 even(0.0);
    Double2 odd(0.0);
    std::size_t i = 0;
    for (; i + 1 < vertex_count_; i += 2) {
        even = even + Double2::load(vertices_ + 2 * i);
        odd = odd + Double2::load(vertices_ + 2 * i + 2);
    }
    if (i < vertex_count_) even = even + Double2::load(vertices_ + 2 * i);
    return (even + odd) / Double2(static_cast<double>(vertex_count_));
}

// Upper bound of the difference between the estimate and the exact mean: of n numbers below 2, each has an
// error of at most n * 2^-52.
double PolygonReader::mean_error() const noexcept { return static_cast<double>(vertex_count_ + 2) * 0x1p-50; }

Double2 PolygonReader::exact_mean() {
    Double2 sum(0.0);
    double vertices = 0.0;
    part_ = first_part_;
    while (next_part()) {
        bool is_outer = true;
        for_each_ring([&](std::size_t first, std::size_t last) {
            if (is_outer) {
                for (std::size_t i = first; i < last; ++i) sum = sum + Double2::load(vertices_ + 2 * i);
                vertices += static_cast<double>(last - first);
            }
            is_outer = false;
        });
    }
    return sum / Double2(vertices);
}

}  // namespace heatgrid
