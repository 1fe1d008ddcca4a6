// What the fields of a row are called and which values they become.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <vector>

#include "conversion.hpp"
#include "record_stream.hpp"

namespace csv {

// Where the names come from: the first row, a list in the input, or nowhere (rows become arrays).
enum class header_kind { first_row, given, none };

header_kind read_header_kind(const json& input);

class columns {
  public:
    // Rows become arrays of text.
    columns() = default;
    // SLUICE_INVALID_INPUT: `types` names a column that is not there.
    columns(std::vector<std::string> names, const json& input);

    bool has_names() const { return !names_.empty(); }
    const std::vector<std::string>& names() const { return names_; }
    // The row's value, or what is wrong with it.
    std::optional<fault> read(const record_stream& rows, json& out) const;

  private:
    std::vector<std::string> names_;
    std::vector<conversion> conversions_;
    bool fill_short_rows_ = false;
};

// The names of a header row. `duplicateNames` says what to do with a name that is there twice or
// empty: SLUICE_INVALID_INPUT, or number it.
std::vector<std::string> names_of_header(const record_stream& rows, const json& input);
// The names that the input's `header` lists.
std::vector<std::string> given_names(const json& input);
json names_as_json(const std::vector<std::string>& names);

// How a fault ends an action.
sluice::failure failure_of(const fault& why);

}  // namespace csv
