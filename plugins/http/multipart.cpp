#include "multipart.hpp"

#include <algorithm>
#include <utility>

#include "address.hpp"

namespace sluice::http {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

// A quoted name, as browsers write it: quotes and line breaks are percent-encoded.
std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') {
            out += "%22";
        } else if (c == '\r') {
            out += "%0D";
        } else if (c == '\n') {
            out += "%0A";
        } else {
            out.push_back(c);
        }
    }
    return out + "\"";
}

// Different for each step and the same for each try of it, so that a repeated request is the same
// to the byte. That it does not occur in the file rests on its length and on nobody knowing it.
std::string boundary_of(const context& call) {
    std::uint64_t hash = 14'695'981'039'346'656'037u;  // FNV-1a
    std::string text = "sluice-";
    for (int round = 0; round < 2; ++round) {
        for (const char c : call.idempotency_key()) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
        }
        for (int shift = 60; shift >= 0; shift -= 4)
            text.push_back("0123456789abcdef"[hash >> shift & 0xF]);
    }
    return text;
}

std::string field_part(const std::string& boundary, const std::string& name,
                       const std::string& content) {
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=" + quoted(name) +
           "\r\n\r\n" + content + "\r\n";
}

}  // namespace

task<multipart> multipart_of(const context& call, const json& input, blob file, std::string type) {
    const std::string boundary = boundary_of(call);
    const std::string field = input.get_or("field", "file");
    std::string head;
    const json& fields = input["fields"];
    if (!fields.is_null() && !fields.is_object()) {
        throw failure(SLUICE_INVALID_INPUT, "'fields' must be an object");
    }
    for (const auto& [name, content] : fields.members()) {
        const json list = content.is_array() ? content : json::array({content});
        for (const json& each : list.items()) {
            if (each.is_null()) continue;
            head += field_part(boundary, name, plain_text(each, "'fields." + name + "'"));
        }
    }
    if (type.find_first_of("\r\n") != type.npos) {
        throw failure(SLUICE_INVALID_INPUT, "'contentType' has a line break");
    }
    head += "--" + boundary + "\r\nContent-Disposition: form-data; name=" + quoted(field) +
            "; filename=" + quoted(input.get_or("fileName", field)) + "\r\nContent-Type: " + type +
            "\r\n\r\n";
    multipart made;
    made.content_type = "multipart/form-data; boundary=" + boundary;
    made.body = call.create_blob(made.content_type);
    co_await made.body.write(std::move(head));
    for (std::uint64_t at = 0;;) {
        std::string piece = co_await file.read(at, piece_bytes);
        if (piece.empty()) break;
        at += piece.size();
        co_await made.body.write(std::move(piece));
    }
    std::string tail = "\r\n--" + boundary + "--\r\n";
    co_await made.body.write(std::move(tail));
    made.body.seal();
    co_return made;
}

}  // namespace sluice::http
