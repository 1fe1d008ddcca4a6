#include "net/response_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>
#include <utility>

namespace sluice::net {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

namespace {

constexpr unsigned most_interim = 20;

class beast_parser final : public http::basic_parser<false> {
  public:
    beast_parser(client_response& response, const response_reader::limits& limits)
        : response_(response), most_fields_(limits.header_fields) {
        header_limit(static_cast<std::uint32_t>(
            std::min<std::size_t>(limits.header_bytes, std::numeric_limits<std::uint32_t>::max())));
        body_limit(boost::none);  // continue_with_body sets it
    }

    bool too_many_fields_ = false;

  private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int status, string_view, int, error_code&) override {
        response_.status = status;
    }
    void on_field_impl(http::field, string_view name, string_view value,
                       error_code& problem) override {
        if (is_header_done()) return;  // trailers are not part of the head
        if (response_.headers.size() >= most_fields_) {
            too_many_fields_ = true;
            problem = http::error::header_limit;
            return;
        }
        response_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        // Memory is taken as bytes arrive, not as they are announced.
        constexpr std::uint64_t trusted_reserve = 64u << 10;
        if (length) response_.body.reserve(std::min(*length, trusted_reserve));
    }
    std::size_t on_body_impl(string_view body, error_code&) override {
        response_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        response_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

    client_response& response_;
    std::size_t most_fields_;
};

bool is_interim(int status) { return status >= 100 && status < 200; }

}  // namespace

struct response_reader::parser {
    std::optional<beast_parser> beast;
};

response_reader::response_reader(const limits& allowed, bool to_head)
    : limits_(allowed), to_head_(to_head), parser_(std::make_unique<parser>()) {
    parser_->beast.emplace(response_, limits_);
    parser_->beast->skip(to_head_);
}

response_reader::~response_reader() = default;

std::size_t response_reader::feed(std::string_view bytes) {
    std::size_t used = 0;
    bool stuck = false;
    while (state_ == state::reading && used < bytes.size() && !stuck)
        step(bytes, used, stuck);
    // What a peer may send without completing a head or a chunk's frame.
    if (state_ == state::reading && bytes.size() - used > limits_.header_bytes) {
        fail(base::error_code::unsupported, "the answer's head or chunk frame is too large");
    }
    return used;
}

void response_reader::step(std::string_view bytes, std::size_t& used, bool& stuck) {
    auto& beast = *parser_->beast;
    error_code problem;
    const auto rest = bytes.substr(used);
    used += beast.put({rest.data(), rest.size()}, problem);
    if (problem == http::error::need_more) {
        stuck = true;
    } else if (problem == http::error::header_limit || beast.too_many_fields_) {
        fail(base::error_code::unsupported, "the answer's head is too large");
    } else if (problem == http::error::body_limit) {
        fail_too_large();
    } else if (problem) {
        fail(base::error_code::unavailable, "the answer is not valid HTTP: " + problem.message());
    } else if (beast.is_done() && is_interim(response_.status)) {
        if (response_.status == 101 || ++interim_ > most_interim) {
            return fail(base::error_code::unavailable, "the answer never comes after interim ones");
        }
        response_ = {};
        parser_->beast.emplace(response_, limits_);
        parser_->beast->skip(to_head_);
    } else if (!head_given_ && beast.is_header_done()) {
        head_given_ = true;
        state_ = state::has_head;
    } else if (beast.is_done()) {
        state_ = state::complete;
    }
}

void response_reader::continue_with_body(std::uint64_t limit) {
    auto& beast = *parser_->beast;
    body_limit_ = limit;
    state_ = beast.is_done() ? state::complete : state::reading;
    const auto announced = beast.content_length();
    if (state_ == state::reading && announced && *announced > limit) {
        return fail_too_large();
    }
    beast.body_limit(limit);
}

void response_reader::fail_too_large() {
    fail(base::error_code::unsupported,
         "the answer's body is larger than " + std::to_string(body_limit_) + " bytes",
         "ask for less, for example in pages");
}

void response_reader::feed_end() {
    if (state_ != state::reading) return;
    auto& beast = *parser_->beast;
    if (!beast.got_some()) {
        return fail(base::error_code::unavailable, "the connection was closed without an answer");
    }
    error_code problem;
    beast.put_eof(problem);
    if (problem || !beast.is_done()) {
        return fail(base::error_code::unavailable,
                    "the connection was closed in the middle of the answer");
    }
    state_ = state::complete;
}

bool response_reader::keep_alive() const { return parser_->beast->keep_alive(); }

void response_reader::fail(base::error_code code, std::string message, std::string hint) {
    state_ = state::failed;
    failure_ = base::make_error(code, std::move(message), std::move(hint));
}

}  // namespace sluice::net
