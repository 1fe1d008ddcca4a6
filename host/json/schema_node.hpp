// A compiled schema: nodes of keywords. Inside the module only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/schema_kinds.hpp"
#include "json/value.hpp"

namespace sluice::json::schemas {

class validation;

// The members and items of one value that some keyword has looked at (for unevaluated...).
struct evaluated {
    std::vector<bool> members;
    std::vector<bool> items;

    static void mark(std::vector<bool>& flags, std::size_t index);
    static bool is_marked(const std::vector<bool>& flags, std::size_t index) {
        return index < flags.size() && flags[index];
    }
    void add(const evaluated& other);
};

// Where a value is. Lives on the stack; becomes text only when there is something to say.
struct place {
    const place* parent = nullptr;
    const std::string* key = nullptr;  // null: an item of an array
    std::size_t index = 0;

    std::string pointer() const;
};

// What a keyword looks at.
struct subject {
    const value& instance;
    const place& at;
    evaluated* seen;  // null: nobody wants to know
    bool quiet;       // the outcome counts, reasons do not

    subject child(const value& inner, const place& where) const {
        return {inner, where, nullptr, quiet};
    }
};

class keyword {
  public:
    explicit keyword(std::string pointer) : pointer_(std::move(pointer)) {}
    keyword(const keyword&) = delete;
    keyword& operator=(const keyword&) = delete;
    virtual ~keyword() = default;

    // False when `of` does not fit; noted in `run` unless `of` is quiet.
    virtual bool check(const subject& of, validation& run) const = 0;

    const std::string& pointer() const { return pointer_; }

  private:
    std::string pointer_;
};

struct node {
    std::vector<std::unique_ptr<const keyword>> keywords;
    // unevaluatedItems and unevaluatedProperties: after all others, and only if those agree.
    std::vector<std::unique_ptr<const keyword>> last;
    kinds accepts = any_kind;  // by `type`, to tell alternatives apart
};

struct compiled {
    std::vector<std::unique_ptr<node>> nodes;  // refer to each other, in circles, too
    const node* root = nullptr;
};

// `pointer` and one more reference token, escaped.
std::string pointer_to(std::string_view pointer, std::string_view token);
std::string pointer_to(std::string_view pointer, std::size_t index);

}  // namespace sluice::json::schemas
