// The state of one compilation. Inside the module only.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/schema_identifiers.hpp"
#include "json/schema_node.hpp"

namespace sluice::json::schemas {

// A $ref whose target is looked up when all names are known.
struct open_reference {
    std::string text;
    std::string pointer;
    json::schemas::scope scope;
    const node** target;
};

class compiler {
  public:
    base::result<std::shared_ptr<const compiled>> run(const value& document);

    // The node of the schema there, made once. Never null.
    const node* compile_at(location at);
    void refuse(std::string pointer, std::string message, std::string hint);
    void refer(open_reference reference) { open_.push_back(std::move(reference)); }

  private:
    void read(const location& at, node& into);
    // The scope inside of `at`, from its $schema and $id; takes note of its names.
    void enter(location& at);
    void enter_dialect(location& at);
    void name(location& at, const std::string& id);
    void anchor(const location& at, std::string_view keyword);
    void close_references();

    std::shared_ptr<compiled> made_ = std::make_shared<compiled>();
    std::map<std::string, node*, std::less<>> by_pointer_;
    identifiers names_;
    std::vector<open_reference> open_;
    std::optional<base::error> failure_;
    std::size_t depth_ = 0;
};

}  // namespace sluice::json::schemas
