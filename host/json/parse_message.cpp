#include "json/parse_message.hpp"

#include <algorithm>

namespace sluice::json {

std::string_view describe(rapidjson::ParseErrorCode code) {
    using namespace rapidjson;
    switch (code) {
        case kParseErrorDocumentEmpty:
            return "there is no value";
        case kParseErrorDocumentRootNotSingular:
            return "there is more text after the value";
        case kParseErrorValueInvalid:
            return "expected a value";
        case kParseErrorObjectMissName:
            return "expected a key in double quotes";
        case kParseErrorObjectMissColon:
            return "expected ':' after the key";
        case kParseErrorObjectMissCommaOrCurlyBracket:
            return "expected ',' or '}'";
        case kParseErrorArrayMissCommaOrSquareBracket:
            return "expected ',' or ']'";
        case kParseErrorStringUnicodeEscapeInvalidHex:
            return "expected four hexadecimal digits after \\u";
        case kParseErrorStringUnicodeSurrogateInvalid:
            return "a \\u escape names half of a surrogate pair";
        case kParseErrorStringEscapeInvalid:
            return "an unknown escape or a control character in a string";
        case kParseErrorStringMissQuotationMark:
            return "a string does not end";
        case kParseErrorNumberTooBig:
            return "a number is too large";
        case kParseErrorNumberMissFraction:
            return "expected a digit after the decimal point";
        case kParseErrorNumberMissExponent:
            return "expected a digit in the exponent";
        default:
            return "the text is not JSON";
    }
}

base::error parse_error(std::string_view text, std::size_t offset, std::string_view problem) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t newline = before.rfind('\n');
    const std::string_view line =
        newline == std::string_view::npos ? before : before.substr(newline + 1);
    const auto is_character_start = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    };
    base::source_position where;
    where.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    where.column =
        static_cast<int>(std::count_if(line.begin(), line.end(), is_character_start)) + 1;

    std::string message = "invalid JSON: ";
    if (offset >= text.size() && !text.empty()) message += "the text ends too early, ";
    message += problem;
    base::error made = base::make_error(base::error_code::invalid_input, std::move(message));
    if (text.starts_with("\xef\xbb\xbf")) {
        made.hint = "remove the byte order mark at the start";
    }
    made.where = std::move(where);
    return made;
}

}  // namespace sluice::json
