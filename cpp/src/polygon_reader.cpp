#include "heatgrid/polygon_reader.hpp"

namespace heatgrid {

const double* PolygonReader::divide_by_size() {
    if (normalised_.size() < 2 * vertex_count_) normalised_.resize(2 * vertex_count_);
    const Pair size(polygons_->sizes.width(annotation_), polygons_->sizes.height(annotation_));
    for (std::size_t i = 0; i < vertex_count_; ++i) {
        (Pair::load(vertices_ + 2 * i) / size).store(normalised_.data() + 2 * i);
    }
    return normalised_.data();
}

std::optional<Run> PolygonReader::mean_cell() {
    Pair sum(0.0);
    double vertices = 0.0;
    part_ = first_part_;
    while (next_part()) {
        bool is_outer = true;
        for_each_ring([&](std::size_t first, std::size_t last) {
            if (is_outer) {
                for (std::size_t i = first; i < last; ++i) sum = sum + Pair::load(vertices_ + 2 * i);
                vertices += static_cast<double>(last - first);
            }
            is_outer = false;
        });
    }
    const Pair mean = sum / Pair(vertices);
    if (!hits_grid(mean.first(), mean.second())) return std::nullopt;
    const std::int32_t column = cells_.x.cell_of(mean.first());
    return Run{cells_.y.cell_of(mean.second()), column, column + 1};
}

}  // namespace heatgrid
