#include "json/schema_reader.hpp"

#include <limits>

#include "json/decimal.hpp"
#include "json/schema_compiler_state.hpp"

namespace sluice::json::schemas {

const value* schema_reader::number(std::string_view keyword) {
    const value* const found = find(keyword);
    if (found == nullptr || found->is_number()) return found;
    refuse(keyword, "expected a number, got " + describe(*found, true));
    return nullptr;
}

const std::string* schema_reader::text(std::string_view keyword) {
    const value* const found = find(keyword);
    if (found == nullptr) return nullptr;
    if (found->is_string()) return &found->as_string();
    refuse(keyword, "expected a string, got " + describe(*found, true));
    return nullptr;
}

std::optional<std::uint64_t> schema_reader::count(std::string_view keyword) {
    const value* const found = number(keyword);
    if (found == nullptr) return {};
    if (!is_whole(*found) || compare(*found, value(0)) < 0) {
        refuse(keyword, "expected a whole number from 0 on, got " + describe(*found, true));
        return {};
    }
    if (found->number_form() == number_form::int64) {
        return static_cast<std::uint64_t>(found->as_int64());
    }
    return std::numeric_limits<std::uint64_t>::max();  // as good as any that large
}

std::vector<std::string> schema_reader::names_at(const value& content, std::string pointer) {
    std::vector<std::string> names;
    bool valid = content.is_array();
    for (std::size_t i = 0; valid && i < content.size(); ++i) {
        valid = content.at(i).is_string();
        if (valid) names.push_back(content.at(i).as_string());
    }
    if (!valid) owner_.refuse(std::move(pointer), "expected a list of strings", "");
    return names;
}

std::vector<std::string> schema_reader::names(std::string_view keyword) {
    const value* const found = find(keyword);
    return found == nullptr ? std::vector<std::string>() : names_at(*found, pointer(keyword));
}

std::vector<std::string> schema_reader::names_in(std::string_view keyword, std::string_view token,
                                                 const value& content) {
    return names_at(content, pointer_to(pointer(keyword), token));
}

const node* schema_reader::compile_at(const value& content, std::string pointer) {
    return owner_.compile_at({content, std::move(pointer), at_.scope});
}

const node* schema_reader::subschema(std::string_view keyword) {
    const value* const found = find(keyword);
    return found == nullptr ? nullptr : compile_at(*found, pointer(keyword));
}

const node* schema_reader::subschema_in(std::string_view keyword, std::string_view token,
                                        const value& content) {
    return compile_at(content, pointer_to(pointer(keyword), token));
}

std::vector<const node*> schema_reader::subschemas(std::string_view keyword) {
    std::vector<const node*> made;
    const value* const found = find(keyword);
    if (found == nullptr) return made;
    if (!found->is_array()) {
        refuse(keyword, "expected a list of schemas, got " + describe(*found, true));
        return made;
    }
    for (std::size_t i = 0; i < found->size(); ++i) {
        made.push_back(compile_at(found->at(i), pointer_to(pointer(keyword), i)));
    }
    return made;
}

std::vector<std::pair<std::string, const node*>> schema_reader::named_subschemas(
    std::string_view keyword) {
    std::vector<std::pair<std::string, const node*>> made;
    const value* const found = find(keyword);
    if (found == nullptr) return made;
    if (!found->is_object()) {
        refuse(keyword, "expected an object of schemas, got " + describe(*found, true));
        return made;
    }
    for (const member& each : found->members()) {
        made.emplace_back(each.first, subschema_in(keyword, each.first, each.second));
    }
    return made;
}

void schema_reader::refuse(std::string_view keyword, std::string message, std::string hint) {
    owner_.refuse(pointer(keyword), std::move(message), std::move(hint));
}

void schema_reader::refer(std::string_view keyword, const std::string& reference,
                          const node** target) {
    owner_.refer({reference, pointer(keyword), at_.scope, target});
}

}  // namespace sluice::json::schemas
