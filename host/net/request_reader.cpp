#include "net/request_reader.hpp"

#include <algorithm>
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

std::string_view view(string_view text) { return {text.data(), text.size()}; }

bool is_known_method(http::verb method) {
    switch (method) {
        case http::verb::get:
        case http::verb::head:
        case http::verb::post:
        case http::verb::put:
        case http::verb::patch:
        case http::verb::delete_:
        case http::verb::options:
            return true;
        default:
            return false;
    }
}

// Beast's parser, writing straight into our request.
class beast_parser final : public http::basic_parser<true> {
  public:
    beast_parser(http_request& request, std::size_t most_fields)
        : request_(request), most_fields_(most_fields) {
        // Both limits are ours: feed_head and continue_with_body.
        header_limit(std::numeric_limits<std::uint32_t>::max());
        body_limit(boost::none);
    }

    bool known_method_ = false;
    bool too_many_fields_ = false;
    unsigned hosts_ = 0;
    unsigned lengths_ = 0;
    unsigned encodings_ = 0;
    bool plain_length_ = true;  // Content-Length is digits only
    bool chunked_ = true;       // Transfer-Encoding, if any, is exactly "chunked"
    bool expects_continue_ = false;
    bool other_expectation_ = false;
    int version_ = 11;

  private:
    void on_request_impl(http::verb method, string_view method_text, string_view target,
                         int version, error_code&) override {
        known_method_ = is_known_method(method);
        version_ = version;
        request_.method.assign(method_text.data(), method_text.size());
        request_.target.assign(target.data(), target.size());
    }
    void on_response_impl(int, string_view, int, error_code&) override {}

    void on_field_impl(http::field id, string_view name, string_view value,
                       error_code& problem) override {
        if (is_header_done()) return;  // trailers are not part of the head
        if (request_.headers.size() >= most_fields_) {
            too_many_fields_ = true;
            problem = http::error::header_limit;
            return;
        }
        note(id, view(value));
        request_.headers.add(view(name), view(value));
    }
    void note(http::field id, std::string_view value) {
        if (id == http::field::host) {
            ++hosts_;
        } else if (id == http::field::content_length) {
            ++lengths_;
            plain_length_ = std::all_of(value.begin(), value.end(),
                                        [](char c) { return c >= '0' && c <= '9'; });
        } else if (id == http::field::transfer_encoding) {
            ++encodings_;
            chunked_ = equal_without_case(value, "chunked");
        } else if (id == http::field::expect) {
            expects_continue_ = equal_without_case(value, "100-continue");
            other_expectation_ = !expects_continue_;
        }
    }

    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override {
        request_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        request_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

    http_request& request_;
    std::size_t most_fields_;
};

// A line that begins with a blank continues the one before (obsolete folding).
bool has_folded_line(std::string_view head) {
    for (auto at = head.find('\n'); at + 1 < head.size(); at = head.find('\n', at + 1)) {
        if (head[at + 1] == ' ' || head[at + 1] == '\t') return true;
    }
    return false;
}

// Memory is taken as bytes arrive, not as they are announced.
constexpr std::size_t trusted_reserve = 64u << 10;

}  // namespace

struct request_reader::parser {
    std::optional<beast_parser> beast;
};

request_reader::request_reader(const http_server_limits& limits)
    : limits_(limits), parser_(std::make_unique<parser>()) {}

request_reader::~request_reader() = default;

void request_reader::restart() {
    state_ = state::head;
    request_ = {};
    searched_ = 0;
    taken_ = 0;
    parser_->beast.reset();
}

std::size_t request_reader::feed(std::string_view bytes) {
    if (state_ == state::head) return feed_head(bytes);
    if (state_ == state::body) return feed_body(bytes);
    return 0;
}

std::size_t request_reader::feed_head(std::string_view bytes) {
    // Empty lines before a request line are left over from careless senders (RFC 9112, 2.2).
    std::size_t skipped = 0;
    while (searched_ == 0 && skipped < 8 && bytes.starts_with("\r\n")) {
        bytes.remove_prefix(2);
        skipped += 2;
    }
    // Not HTTP at all, for example TLS: waiting for the end of a line would help nobody.
    if (!bytes.empty() && bytes[0] != '\r' && !is_token(bytes.substr(0, 1))) {
        fail(400, "The request does not begin with a method.");
        return skipped;
    }
    const auto end = bytes.find("\r\n\r\n", searched_);
    if (end == bytes.npos) {
        searched_ = bytes.size() < 3 ? 0 : bytes.size() - 3;
        if (bytes.size() >= limits_.header_bytes) {
            fail(431, "The request's head is larger than " + std::to_string(limits_.header_bytes) +
                          " bytes.");
        }
        return skipped;
    }
    const auto size = end + 4;
    const auto head = bytes.substr(0, size);
    if (size > limits_.header_bytes) {
        fail(431, "The request's head is larger than " + std::to_string(limits_.header_bytes) +
                      " bytes.");
        return skipped;
    }
    if (has_folded_line(head)) {
        fail(400, "A header field is folded over several lines.");
        return skipped;
    }
    request_.headers.reserve(16, head.size());
    auto& beast = parser_->beast.emplace(request_, limits_.header_fields);
    error_code problem;
    const auto used = beast.put({head.data(), head.size()}, problem);
    if (beast.too_many_fields_) {
        fail(431, "The request has more than " + std::to_string(limits_.header_fields) +
                      " header fields.");
    } else if (problem == http::error::bad_version) {
        fail(505, "Only HTTP/1.1 is spoken here.");
    } else if (problem || !beast.is_header_done()) {
        fail(400, "The request's head is not valid HTTP/1.1: " +
                      (problem ? problem.message() : std::string("it ends too early")) + ".");
    } else {
        check_head();
    }
    return skipped + used;
}

void request_reader::check_head() {
    const auto& beast = *parser_->beast;
    const bool http11 = beast.version_ == 11;
    if (beast.hosts_ > 1 || (http11 && beast.hosts_ == 0)) {
        return fail(400, "The request needs exactly one Host field.");
    }
    if (beast.lengths_ > 1 || !beast.plain_length_) {
        return fail(400, "The request's Content-Length is not one plain number.");
    }
    if (beast.encodings_ > 0 && (beast.lengths_ > 0 || beast.encodings_ > 1 || !http11)) {
        return fail(400, "The request's length is given in contradicting ways.");
    }
    if (!beast.chunked_) return fail(501, "The only transfer coding known here is chunked.");
    if (beast.other_expectation_) return fail(417, "The expectation cannot be met.");
    if (!beast.known_method_) return fail(501, "The method is not known here.");

    auto& request = request_;
    if (beast.lengths_ > 0) request.content_length = *beast.content_length();
    std::string_view target = request.target;
    if (!target.starts_with('/') && target != "*") {
        // The absolute form that proxies are sent: the authority is not looked at.
        const auto authority = target.find("://");
        if (authority == target.npos) return fail(400, "The request's target is not a path.");
        const auto path = target.find_first_of("/?", authority + 3);
        request.target = path == target.npos ? "/" : std::string(target.substr(path));
        if (request.target.starts_with('?')) request.target.insert(0, "/");
        target = request.target;
    }
    const auto question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    request.query = target.substr(std::min(question + 1, target.size()));
    state_ = state::has_head;
}

void request_reader::continue_with_body(std::uint64_t limit) {
    auto& beast = *parser_->beast;
    if (beast.is_done()) {
        state_ = state::complete;
        return;
    }
    state_ = state::body;
    beast.body_limit(limit);
    const auto announced = request_.content_length.value_or(0);
    request_.body.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(announced, trusted_reserve)));
}

std::size_t request_reader::feed_body(std::string_view bytes) {
    auto& beast = *parser_->beast;
    std::size_t used = 0;
    while (used < bytes.size() && !beast.is_done()) {
        error_code problem;
        const auto rest = bytes.substr(used);
        used += beast.put({rest.data(), rest.size()}, problem);
        if (problem == http::error::need_more) break;
        if (problem == http::error::body_limit) {
            fail(413, "The request's body is larger than allowed here.");
            return used;
        }
        if (problem) {
            fail(400, "The request's body is not valid HTTP/1.1: " + problem.message() + ".");
            return used;
        }
    }
    if (beast.is_done()) state_ = state::complete;
    return used;
}

std::string request_reader::take_body() {
    taken_ += request_.body.size();
    return std::exchange(request_.body, {});
}

bool request_reader::is_http11() const { return parser_->beast->version_ == 11; }

bool request_reader::has_body() const { return !parser_->beast->is_done(); }

bool request_reader::keep_alive() const {
    return parser_->beast->version_ == 11 && parser_->beast->keep_alive();
}

bool request_reader::expects_continue() const { return parser_->beast->expects_continue_; }

void request_reader::fail(int status, std::string detail) {
    state_ = state::failed;
    failure_ = {status, std::move(detail)};
}

}  // namespace sluice::net
