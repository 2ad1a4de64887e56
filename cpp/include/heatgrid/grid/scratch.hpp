// A list that is filled again and again: forgetting its items keeps their memory, and an item is added by
// writing its members in place. (std::vector's push_back copies a whole one, for which processors wait when
// it was just written in pieces.)
#pragma once

#include <cstddef>
#include <vector>

namespace heatgrid {

template <class Item>
class Scratch {
  public:
    void clear() noexcept { count_ = 0; }

    // A new last item, with whatever an earlier one left behind in it. References to others end here.
    [[nodiscard]] Item& add() {
        if (count_ == items_.size()) items_.resize(2 * count_ + 16);
        return items_[count_++];
    }

    // Keeps the first items only. Precondition: there are as many.
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
