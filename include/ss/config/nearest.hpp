#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ss::config {

/// How many letters must be put in, left out, changed, or swapped with their neighbour to make one text from the other;
/// the case of letters does not count. Cost: the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `word` is probably a misspelling of (at most a third of its letters wrong), or an empty text. Of
/// equally near ones the first.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ss::config
