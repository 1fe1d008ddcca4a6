#include "reply.hpp"

#include <algorithm>
#include <sluice/encoding.hpp>
#include <utility>

#include "text.hpp"

namespace sluice::http {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t most_explanation = 16 * 1024;

task<blob> to_file(const context& call, std::string bytes, std::string content_type) {
    const blob made = call.create_blob(std::move(content_type));
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
        std::string piece = bytes.substr(at, piece_bytes);
        co_await made.write(std::move(piece));
    }
    made.seal();
    co_return made;
}

std::string unquoted(std::string_view text) {
    if (!text.starts_with('"')) return std::string(text.substr(0, text.find_first_of("; ")));
    std::string out;
    for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out.push_back(text[i]);
    }
    return out;
}

}  // namespace

body_form form_of(const json& input) {
    const json& form = input["response"];
    if (form.is_null() || form == json("auto")) return body_form::by_type;
    if (form == json("json")) return body_form::json;
    if (form == json("text")) return body_form::text;
    if (form == json("file")) return body_form::file;
    throw failure(SLUICE_INVALID_INPUT, "'response' must be auto, json, text or file");
}

json headers_of(const http_response& response) {
    json made = json::object();
    for (const auto& [name, content] : response.headers) {
        const std::string key = lower_ascii(name);
        if (key == "set-cookie" || !is_utf8(key) || !is_utf8(content)) continue;
        const std::string before = made.get_or(key, "");
        made.set(key, made.contains(key) ? before + ", " + content : content);
    }
    return made;
}

task<std::string> beginning_of(const http_response& response) {
    if (!response.body_blob) co_return response.body;
    std::string head = co_await response.body_blob.read(0, most_explanation);
    co_return head;
}

std::string file_name_of(const http_response& response) {
    const std::string_view disposition = response.header("Content-Disposition");
    const std::string lower = lower_ascii(disposition);
    const std::size_t at = lower.find("filename=");
    if (at == lower.npos) return {};
    std::string name = unquoted(disposition.substr(at + std::string_view("filename=").size()));
    name.erase(0, name.find_last_of("/\\") + 1);
    const bool is_usable = is_utf8(name) && name != "." && name != ".." &&
                           std::ranges::none_of(name, [](char c) { return c >= 0 && c < ' '; });
    return is_usable ? name : std::string();
}

task<json> output_of(const context& call, http_response response, body_form form) {
    json made{{"status", response.status}, {"headers", headers_of(response)}};
    const std::string type = media_type(response.header("Content-Type"));
    if (form == body_form::file && response.body_blob) {
        made.set("file", response.body_blob.reference());
        co_return made;
    }
    const bool is_json =
        form == body_form::json || (form == body_form::by_type && is_json_type(type));
    const bool is_text = form == body_form::text || is_text_type(type) || type.empty();
    if (response.body.empty()) {
        made.set("body", json());
    } else if (is_json) {
        made.set("body", response.json());
    } else if (is_text && is_utf8(response.body)) {
        made.set("body", std::move(response.body));
    } else if (form == body_form::text) {
        throw failure(SLUICE_INVALID_INPUT, "the answer is no UTF-8 text; take it as a file");
    } else {
        task<blob> kept =
            to_file(call, std::move(response.body), std::string(response.header("Content-Type")));
        const blob file = co_await kept;
        made.set("file", file.reference());
    }
    co_return made;
}

}  // namespace sluice::http
