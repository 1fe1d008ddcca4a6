#include "sluice/testing/http_script.hpp"

#include <algorithm>
#include <stdexcept>

namespace sluice::testing {

std::string_view recorded_request::header(std::string_view name) const {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    for (const auto& [known, value] : headers) {
        if (std::equal(known.begin(), known.end(), name.begin(), name.end(),
                       [&](char a, char b) { return lower(a) == lower(b); })) {
            return value;
        }
    }
    return {};
}

http_rule& http_rule::reply(unsigned status, std::string body, header_list headers) {
    answer& made = answers_.emplace_back();
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return *this;
}

http_rule& http_rule::fail(sluice_code code, std::string message) {
    answers_.emplace_back().error.emplace(code, std::move(message));
    return *this;
}

http_rule& http_rule::after_ms(std::uint64_t delay) {
    if (answers_.empty()) throw std::logic_error("after_ms() comes after reply() or fail()");
    answers_.back().delay_ms = delay;
    return *this;
}

http_rule& http_rule::when(std::function<bool(const recorded_request&)> condition) {
    condition_ = std::move(condition);
    return *this;
}

bool http_rule::matches(const recorded_request& request) const {
    if (request.method != method_) return false;
    const bool same = url_.ends_with('*') ? request.url.starts_with(url_.substr(0, url_.size() - 1))
                                          : request.url == url_;
    return same && (!condition_ || condition_(request));
}

std::optional<http_rule::answer> http_rule::take_answer() {
    if (answers_.empty()) return std::nullopt;
    answer next = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return next;
}

}  // namespace sluice::testing
