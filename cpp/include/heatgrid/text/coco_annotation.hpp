#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/text/coco_scan.hpp"
#include "heatgrid/text/json_scanner.hpp"

namespace heatgrid {

/// Reads annotations of a COCO file into columns; both must outlive the reader.
class CocoAnnotationReader {
  public:
    CocoAnnotationReader(JsonScanner& json, CocoAnnotations& columns) noexcept
        : json_(json), columns_(columns) {}

    /// Reads the next annotation, which has this index in the list. Throws UnsupportedJson if it is not
    /// understood; parts of it may then be in the columns, see `CocoAnnotations::undo`.
    void read(std::int64_t index);

  private:
    bool truth();
    void read_attributes();
    std::int64_t read_segmentation(std::size_t row);
    std::int64_t read_rings();
    void read_mask(std::size_t row);

    JsonScanner& json_;
    CocoAnnotations& columns_;
};

}  // namespace heatgrid
