// Reusable list: clearing keeps the memory, and a new item is written in place.
//
// std::vector::push_back copies a whole item; the copy stalls on store forwarding if the item was just
// written member by member.
#pragma once

#include <cstddef>
#include <vector>

namespace heatgrid {

template <class Item>
class Scratch {
  public:
    void clear() noexcept { count_ = 0; }

    /// Appends an item, which holds the values of an earlier one. Invalidates references to others.
    [[nodiscard]] Item& add() {
        if (count_ == items_.size()) items_.resize(2 * count_ + 16);
        return items_[count_++];
    }

    /// Keeps the first items only. Precondition: there are as many.
    void shrink(std::size_t count) noexcept { count_ = count; }

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] Item& operator[](std::size_t i) noexcept { return items_[i]; }
    [[nodiscard]] const Item& operator[](std::size_t i) const noexcept { return items_[i]; }
    [[nodiscard]] const Item* data() const noexcept { return items_.data(); }
    [[nodiscard]] const Item* begin() const noexcept { return items_.data(); }
    [[nodiscard]] const Item* end() const noexcept { return items_.data() + count_; }

  private:
    std::vector<Item> items_;
    std::size_t count_ = 0;
};

}  // namespace heatgrid
