#include <sluice/option.hpp>
#include <utility>

#include "element_writer.hpp"
#include "xml.hpp"

namespace xml {

using sluice::blob;
using sluice::failure;
using sluice::text_encoding;

namespace {

constexpr std::size_t piece_bytes = 512 * 1024;

// The document's one element: what parse calls `document`, or `root` and its content.
std::pair<std::string, json> read_root(const json& input) {
    const json& document = input["document"];
    const std::string root = sluice::string_option(input, "root", "");
    if (document.is_null()) throw failure(SLUICE_INVALID_INPUT, "the input needs 'document'");
    if (!root.empty()) return {root, document};
    if (!document.is_object() || document.size() != 1) {
        throw failure(SLUICE_INVALID_INPUT,
                      "'document' must be an object with one member, the root element, or 'root' "
                      "must name it");
    }
    return document.members()[0];
}

}  // namespace

task<json> connector::write(context& ctx, const json& input) {
    const text_encoding encoding = sluice::encoding_option(input);
    const bool as_text = sluice::choice_option(input, "as", {"file", "text"}) == "text";
    if (as_text && encoding != text_encoding::utf8) {
        throw failure(SLUICE_INVALID_INPUT, "text is UTF-8; another 'encoding' needs as: file");
    }
    const std::pair<std::string, json> root = read_root(input);
    std::string bytes;
    element_writer writer(bytes, encoding, sluice::bool_option(input, "indent", false));
    // Without it only UTF-8 can be read again.
    if (sluice::bool_option(input, "declaration", true) || encoding != text_encoding::utf8) {
        writer.write_declaration();
    }
    writer.write_element(root.first, root.second);
    if (as_text) co_return json{{"text", std::move(bytes)}};
    const blob file =
        ctx.create_blob(sluice::string_option(input, "contentType", "application/xml"));
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
        std::string piece = bytes.substr(at, piece_bytes);
        co_await file.write(std::move(piece));
    }
    file.seal();
    co_return json{{"file", file.reference()}};
}

}  // namespace xml
