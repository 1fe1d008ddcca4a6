#include "net/http_types.hpp"

#include <array>
#include <utility>

#include "base/panic.hpp"

namespace sluice::net {

namespace {

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

class function_sink final : public response_sink {
  public:
    explicit function_sink(std::function<void(http_response)> deliver)
        : deliver_(std::move(deliver)) {}
    void deliver(http_response response) override { deliver_(std::move(response)); }

  private:
    std::function<void(http_response)> deliver_;
};

struct reason {
    int status;
    std::string_view text;
};

constexpr std::array reasons = std::to_array<reason>({
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
});

}  // namespace

std::string_view reason_phrase(int status) {
    for (const auto& known : reasons) {
        if (known.status == status) return known.text;
    }
    return "";
}

http_response json_response(int status, std::string json_text) {
    return {status, {{"Content-Type", "application/json"}}, std::move(json_text)};
}

http_response text_response(int status, std::string text) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text)};
}

http_response problem_response(int status, std::string_view title, std::string_view detail) {
    std::string body = R"({"type":"about:blank","title":)";
    append_json_string(body, title.empty() ? reason_phrase(status) : title);
    body += ",\"status\":" + std::to_string(status);
    if (!detail.empty()) {
        body += ",\"detail\":";
        append_json_string(body, detail);
    }
    body += '}';
    return {status, {{"Content-Type", "application/problem+json"}}, std::move(body)};
}

struct responder::duty {
    explicit duty(std::shared_ptr<response_sink> target) : sink(std::move(target)) {}
    duty(const duty&) = delete;
    duty& operator=(const duty&) = delete;
    ~duty() {
        if (answered.load()) return;
        sink->deliver(problem_response(500, "", "The request was given up without an answer."));
    }

    std::shared_ptr<response_sink> sink;
    std::atomic<bool> answered = false;
};

responder::responder(std::shared_ptr<response_sink> sink)
    : duty_(std::make_shared<duty>(std::move(sink))) {}

responder::responder(std::function<void(http_response)> deliver)
    : responder(std::make_shared<function_sink>(std::move(deliver))) {}

void responder::operator()(http_response response) const {
    if (duty_->answered.exchange(true)) {
        base::report_bug("a request was answered twice; the second answer was dropped");
        return;
    }
    if (response.status < 200 || response.status > 599) {
        base::report_bug("a request was answered with the status " +
                         std::to_string(response.status) + "; the sender gets 500");
        response = problem_response(500, "");
    }
    duty_->sink->deliver(std::move(response));
}

}  // namespace sluice::net
