// Collects the elements that are asked for, out of a document that passes by.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "element_builder.hpp"
#include "item_cursor.hpp"

namespace xml {

struct item_limits {
    std::size_t items = 1000;
    std::size_t item_bytes = 1 << 20;
};

class item_collector final : public document_handler {
  public:
    // `record`: a name, wherever it stands, or a path from the root: /orders/order.
    item_collector(const reading_options& options, std::string record, const item_limits& limits)
        : options_(options),
          record_(std::move(record)),
          limits_(limits),
          scope_(options),
          builder_(options) {}

    void set_reader(document_reader& reader) { reader_ = &reader; }
    // From now on elements are of the document; before, they lead to the place where it goes on.
    void begin() { started_ = true; }

    void start_element(std::string_view name, attribute_list attributes) override;
    void end_element() override;
    void text(std::string_view bytes) override;

    json::array_type take_items() { return std::move(items_); }
    std::size_t count() const { return items_.size(); }
    // Whether another item begins behind the last one.
    bool more() const { return more_; }
    // Behind the last item, or where reading began when there is none.
    const position& where() const { return where_; }
    const std::vector<open_element>& around() const { return around_; }
    void check_size() const;

  private:
    bool is_record() const;
    bool is_full() const;

    const reading_options& options_;
    std::string record_;
    item_limits limits_;
    document_reader* reader_ = nullptr;
    bool started_ = false;
    namespaces scope_;
    element_builder builder_;
    std::vector<open_element> open_;  // outside of items
    std::vector<std::string> path_;   // their names by the options
    json::array_type items_;
    std::size_t bytes_ = 0;       // of all items
    std::size_t item_bytes_ = 0;  // of the one that is open
    bool more_ = false;
    position where_;
    std::vector<open_element> around_;
};

}  // namespace xml
