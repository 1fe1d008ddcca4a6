#include "document_reader.hpp"

#include <algorithm>
#include <limits>
#include <sluice/encoding.hpp>
#include <sluice/failure.hpp>
#include <sluice/text_encoding.hpp>

namespace xml {

using sluice::failure;

namespace {

// Of the encodings that expat does not know itself, the one that is met.
int XMLCALL add_windows1252(void*, const XML_Char* name, XML_Encoding* made) {
    const std::string lower = sluice::lower_ascii(name);
    if (lower != "windows-1252" && lower != "cp1252") return XML_STATUS_ERROR;
    for (int byte = 0; byte < 256; ++byte) {
        made->map[byte] = static_cast<int>(sluice::single_byte_character(
            sluice::text_encoding::windows1252, static_cast<unsigned char>(byte)));
    }
    made->data = nullptr;
    made->convert = nullptr;
    made->release = nullptr;
    return XML_STATUS_OK;
}

}  // namespace

template <class Function>
void document_reader::forward(void* self, Function function) noexcept {
    static_cast<document_reader*>(self)->call(function);
}

// Exceptions must not pass through expat, which is C.
template <class Function>
void document_reader::call(Function function) noexcept {
    if (stopped_) return;  // expat still ends an empty element that it has begun
    progress_ = fed_;
    try {
        function(*this);
    } catch (...) {
        thrown_ = std::current_exception();
        stop();
    }
}

document_reader::document_reader(document_handler& handler, const reading_options& options,
                                 const std::string& encoding, std::size_t max_token_bytes)
    : handler_(handler),
      options_(options),
      max_token_bytes_(max_token_bytes),
      parser_(XML_ParserCreate(encoding.empty() ? nullptr : encoding.c_str()), &XML_ParserFree) {
    if (!parser_) throw std::bad_alloc();
    XML_Parser parser = parser_.get();
    XML_SetUserData(parser, this);
    XML_SetUnknownEncodingHandler(parser, &add_windows1252, nullptr);
    XML_SetElementHandler(
        parser,
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
            forward(self, [&](document_reader& reader) {
                reader.check_start(attributes);
                reader.handler_.start_element(name, attributes);
            });
        },
        [](void* self, const XML_Char*) {
            forward(self, [](document_reader& reader) {
                --reader.depth_;
                reader.handler_.end_element();
            });
        });
    XML_SetCharacterDataHandler(parser, [](void* self, const XML_Char* text, int size) {
        forward(self, [&](document_reader& reader) {
            reader.handler_.text({text, static_cast<std::size_t>(size)});
        });
    });
    XML_SetCommentHandler(
        parser, [](void* self, const XML_Char*) { forward(self, [](document_reader&) {}); });
    XML_SetProcessingInstructionHandler(parser, [](void* self, const XML_Char*, const XML_Char*) {
        forward(self, [](document_reader&) {});
    });
    XML_SetStartDoctypeDeclHandler(
        parser, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
            forward(self, [](document_reader& reader) {
                reader.fail_here("a DOCTYPE is refused: it could define entities");
            });
        });
    XML_SetXmlDeclHandler(parser, [](void* self, const XML_Char*, const XML_Char* declared, int) {
        if (declared == nullptr) return;
        forward(self, [&](document_reader& reader) { reader.declared_encoding_ = declared; });
    });
}

void document_reader::check_start(attribute_list attributes) {
    if (++depth_ > options_.max_depth) {
        fail_here("elements are nested more than " + std::to_string(options_.max_depth) + " deep");
    }
    std::size_t count = 0;
    for (; attributes[2 * count] != nullptr; ++count) {
        if (count == options_.max_attributes) {
            fail_here("an element has more than " + std::to_string(options_.max_attributes) +
                      " attributes");
        }
    }
}

void document_reader::begin_inside(std::string_view start_tags, position where) {
    feed(start_tags, false);
    start_ = where;
    prefix_bytes_ = start_tags.size();
}

bool document_reader::feed(std::string_view bytes, bool last) {
    XML_Parser parser = parser_.get();
    fed_ += bytes.size();
    const XML_Status status =
        XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
    if (thrown_) std::rethrow_exception(thrown_);
    if (stopped_) return false;
    if (status != XML_STATUS_OK) {
        fail_here(std::string("not well formed: ") + XML_ErrorString(XML_GetErrorCode(parser)));
    }
    // What expat keeps because it ends nowhere: a tag, a comment ... It has no other limit.
    if (fed_ - progress_ > max_token_bytes_) {
        fail_here("a tag or comment of more than " + std::to_string(max_token_bytes_) + " bytes");
    }
    return true;
}

void document_reader::stop() {
    stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
}

position document_reader::place(std::int64_t offset_in_fed, std::uint64_t line,
                                std::uint64_t column) const {
    const auto offset = static_cast<std::uint64_t>(offset_in_fed);
    if (prefix_bytes_ == 0) return {offset, line, column};
    // The start tags that were fed first have no line ends and are not of the document.
    const bool same_line = line == 1;
    return {offset - prefix_bytes_ + start_.offset, line + start_.line - 1,
            same_line ? column - std::min(column - 1, prefix_bytes_) + start_.column - 1 : column};
}

position document_reader::after_tag() const {
    XML_Parser parser = parser_.get();
    const auto bytes = static_cast<std::uint64_t>(XML_GetCurrentByteCount(parser));
    return place(XML_GetCurrentByteIndex(parser) + static_cast<std::int64_t>(bytes),
                 XML_GetCurrentLineNumber(parser), XML_GetCurrentColumnNumber(parser) + 1 + bytes);
}

void document_reader::fail_here(const std::string& message) const {
    XML_Parser parser = parser_.get();
    const position where = place(XML_GetCurrentByteIndex(parser), XML_GetCurrentLineNumber(parser),
                                 XML_GetCurrentColumnNumber(parser) + 1);
    throw failure(SLUICE_INVALID_INPUT, "line " + std::to_string(where.line) + ", column " +
                                            std::to_string(where.column) + ": " + message)
        .details(json{{"line", where.line}, {"column", where.column}});
}

}  // namespace xml
