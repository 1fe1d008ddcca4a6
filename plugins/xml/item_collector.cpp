#include "item_collector.hpp"

#include <sluice/failure.hpp>

namespace xml {

using sluice::failure;

namespace {

// A result has at most 16 MiB, and the last item comes on top.
constexpr std::size_t enough_bytes = 3 << 20;

}  // namespace

bool item_collector::is_record() const {
    if (!record_.starts_with('/')) return path_.back() == record_;
    std::string_view rest = record_;
    for (const std::string& name : path_) {
        if (!rest.starts_with('/') || !rest.substr(1).starts_with(name)) return false;
        rest.remove_prefix(1 + name.size());
    }
    return rest.empty();
}

bool item_collector::is_full() const {
    return items_.size() >= limits_.items || bytes_ >= enough_bytes;
}

void item_collector::start_element(std::string_view name, attribute_list attributes) {
    scope_.enter(attributes);
    std::string made = scope_.element_name(name);
    if (!builder_.is_empty()) {
        item_bytes_ += builder_.start(std::move(made), attributes, scope_);
        check_size();
        return;
    }
    path_.push_back(std::move(made));
    if (started_ && is_record()) {
        if (is_full()) {
            more_ = true;
            reader_->stop();
            return;
        }
        item_bytes_ = builder_.start(path_.back(), attributes, scope_);
        path_.pop_back();
        check_size();
        return;
    }
    open_.push_back({std::string(name), scope_.innermost()});
}

void item_collector::end_element() {
    scope_.leave();
    if (builder_.is_empty()) {
        open_.pop_back();
        path_.pop_back();
        return;
    }
    if (!builder_.end()) return;
    items_.push_back(builder_.take());
    bytes_ += item_bytes_;
    where_ = reader_->after_tag();
    around_ = open_;
}

void item_collector::text(std::string_view bytes) {
    if (builder_.is_empty()) return;
    item_bytes_ += bytes.size();
    check_size();
    builder_.add_text(bytes);
}

void item_collector::check_size() const {
    if (item_bytes_ <= limits_.item_bytes) return;
    throw failure(SLUICE_INVALID_INPUT,
                  "an item has more than " + std::to_string(limits_.item_bytes) + " bytes");
}

}  // namespace xml
