#include "read_message.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "gmime_file.hpp"
#include "one_line.hpp"
#include "parse_limit.hpp"

namespace sluice::mail {
namespace {

constexpr std::size_t largest_text = 2 << 20;  // of text and of html, each
constexpr std::size_t most_attachments = 200;
constexpr int most_addresses = 1'000;  // of To and of Cc, each
constexpr int most_listed_addresses = 100;
constexpr std::size_t largest_headers = 256 * 1024;
constexpr int deepest = 20;

// What stands in a header. Where it was folded with a tab, or an encoded word holds a line end,
// that is a blank: nobody could send it on otherwise.
std::string line_of(const char* text) {
    std::string line = clean_text(text);
    std::ranges::replace_if(line, is_control, ' ');
    return line;
}

int length_of(InternetAddressList* list) {
    return list == nullptr ? 0 : internet_address_list_length(list);
}

json mailboxes(InternetAddressList* list, int most) {
    json all = json::array();
    const int count = std::min(most, length_of(list));
    for (int i = 0; i < count; ++i) {
        InternetAddress* each = internet_address_list_get_address(list, i);
        if (!INTERNET_ADDRESS_IS_MAILBOX(each)) continue;
        all.push(json{{"name", line_of(internet_address_get_name(each))},
                      {"address", line_of(internet_address_mailbox_get_addr(
                                      INTERNET_ADDRESS_MAILBOX(each)))}});
    }
    return all;
}

json date_of(GMimeMessage* message) {
    GDateTime* date = g_mime_message_get_date(message);  // the message's own
    if (date == nullptr) return {};
    GDateTime* const utc = g_date_time_to_utc(date);
    if (utc == nullptr) return {};
    const owned_text text(g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ"));
    g_date_time_unref(utc);
    return clean_text(text.get());
}

json fields_of(GMimeMessage* message, int most) {
    const json from = mailboxes(g_mime_message_get_from(message), 1);
    return json{
        {"messageId", line_of(g_mime_message_get_message_id(message))},
        {"from", from[0]},
        {"to", mailboxes(g_mime_message_get_to(message), most)},
        {"cc", mailboxes(g_mime_message_get_cc(message), most)},
        {"subject", line_of(g_mime_message_get_subject(message))},
        {"date", date_of(message)},
        {"inReplyTo", line_of(g_mime_object_get_header(GMIME_OBJECT(message), "In-Reply-To"))}};
}

owned<GMimeMessage> parse(GMimeStream* stream) {
    const owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream));
    return owned<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

json headers_of(GMimeMessage* message, bool& truncated) {
    json all = json::object();
    GMimeHeaderList* list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    std::size_t size = 0;
    for (int i = 0; i < g_mime_header_list_get_count(list); ++i) {
        GMimeHeader* each = g_mime_header_list_get_header_at(list, i);
        std::string name = clean_text(g_mime_header_get_name(each));
        std::ranges::transform(name, name.begin(), g_ascii_tolower);
        const std::string value = line_of(g_mime_header_get_value(each));
        size += name.size() + value.size();
        if (size > largest_headers) {
            truncated = true;
            break;
        }
        const std::string before = all.get_or(name, "");
        all.set(name, before.empty() ? value : before + "\n" + value);
    }
    return all;
}

void add_filter(GMimeStream* to, GMimeFilter* made) {
    const owned<GMimeFilter> filter(made);
    if (filter) g_mime_stream_filter_add(GMIME_STREAM_FILTER(to), filter.get());
}

// The beginning of a text, in UTF-8: no more than about `most` bytes of it are ever in memory.
std::string beginning_of(GMimePart* part, std::size_t most) {
    GMimeDataWrapper* const content = g_mime_part_get_content(part);
    if (content == nullptr) return {};
    GMimeStream* const raw = g_mime_data_wrapper_get_stream(content);
    g_mime_stream_reset(raw);
    const owned<GMimeStream> decoded(g_mime_stream_filter_new(raw));
    const GMimeContentEncoding encoding = g_mime_data_wrapper_get_encoding(content);
    if (encoding > GMIME_CONTENT_ENCODING_BINARY) {
        add_filter(decoded.get(), g_mime_filter_basic_new(encoding, FALSE));
    }
    const char* const charset = g_mime_content_type_get_parameter(
        g_mime_object_get_content_type(GMIME_OBJECT(part)), "charset");
    if (charset != nullptr) {
        add_filter(decoded.get(), g_mime_filter_charset_new(charset, "utf-8"));
    }
    std::string text;
    std::array<char, 16 * 1024> piece{};
    while (text.size() < most) {
        const std::size_t wanted = std::min(piece.size(), most - text.size());
        const gssize count = g_mime_stream_read(decoded.get(), piece.data(), wanted);
        if (count <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
    return clean_text(text.data(), text.size());
}

class taken_apart {
  public:
    // `truncated`: something is left out already.
    taken_apart(const context& ctx, bool truncated) : ctx_(ctx), truncated_(truncated) {}

    void take(GMimeObject* part, int depth) {
        if (part == nullptr) return;
        if (depth > deepest || files_.size() >= most_attachments) {
            truncated_ = true;
        } else if (GMIME_IS_MULTIPART(part)) {
            auto* whole = GMIME_MULTIPART(part);
            for (int i = 0; i < g_mime_multipart_get_count(whole); ++i)
                take(g_mime_multipart_get_part(whole, i), depth + 1);
        } else if (GMIME_IS_MESSAGE_PART(part)) {
            take_message(GMIME_MESSAGE_PART(part));
        } else if (GMIME_IS_PART(part)) {
            take_leaf(GMIME_PART(part));
        }
    }

    json result() {
        return json{{"text", std::move(text_)},
                    {"html", std::move(html_)},
                    {"attachments", json::array(std::move(files_))},
                    {"truncated", truncated_}};
    }

  private:
    void take_leaf(GMimePart* part) {
        if (GMIME_IS_TEXT_PART(part) && g_mime_part_is_attachment(part) == FALSE &&
            g_mime_part_get_filename(part) == nullptr) {
            GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
            if (g_mime_content_type_is_type(type, "text", "html") != FALSE) {
                return take_text(part, html_);
            }
            if (g_mime_content_type_is_type(type, "text", "plain") != FALSE) {
                return take_text(part, text_);
            }
        }
        take_file(part);
    }

    void take_text(GMimePart* part, std::string& into) {
        if (into.size() >= largest_text) {
            truncated_ = true;
            return;
        }
        if (!into.empty()) into += "\n";
        const std::size_t room = largest_text - into.size();
        constexpr std::size_t character = 8;  // more than one: half ones stand behind the cut
        const std::string text = beginning_of(part, room + character);
        truncated_ = truncated_ || text.size() > room;
        into += detail::utf8_prefix(text, room);
    }

    void take_file(GMimePart* part) {
        GMimeDataWrapper* const content = g_mime_part_get_content(part);
        temporary_file bytes = written([&](GMimeStream* to) {
            return content == nullptr ? 0 : g_mime_data_wrapper_write_to_stream(content, to);
        });
        add(bytes, g_mime_object_get_content_type(GMIME_OBJECT(part)),
            clean_text(g_mime_part_get_filename(part)),
            clean_text(g_mime_part_get_content_id(part)));
    }

    // A forwarded message stays one file.
    void take_message(GMimeMessagePart* part) {
        GMimeMessage* inner = g_mime_message_part_get_message(part);
        if (inner == nullptr) return;
        temporary_file bytes = written([&](GMimeStream* to) {
            return g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, to);
        });
        add(bytes, g_mime_object_get_content_type(GMIME_OBJECT(part)),
            line_of(g_mime_message_get_subject(inner)) + ".eml", "");
    }

    void add(temporary_file& bytes, GMimeContentType* type, std::string name,
             const std::string& content_id) {
        const owned_text mime(g_mime_content_type_get_mime_type(type));
        const std::string kind = clean_text(mime.get());
        // A name is no path: whoever keeps the file must not be led elsewhere.
        name.erase(0, name.find_last_of("/\\") + 1);
        std::erase_if(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
        if (name.empty() || name == "." || name == "..") {
            name = "attachment-" + std::to_string(files_.size() + 1);
        }
        files_.push_back(json{{"file", bytes.to_blob(ctx_, kind)},
                              {"name", name},
                              {"contentType", kind},
                              {"contentId", content_id}});
    }

    const context& ctx_;
    std::string text_;
    std::string html_;
    json::array_type files_;
    bool truncated_;
};

}  // namespace

json header_fields(const std::string& header) {
    const owned<GMimeStream> stream(
        g_mime_stream_mem_new_with_buffer(header.data(), header.size()));
    const owned<GMimeMessage> message = parse(stream.get());
    if (!message) return json{{"messageId", ""}, {"subject", ""}};
    return fields_of(message.get(), most_listed_addresses);
}

json read_message(const context& ctx, const temporary_file& file) {
    const std::uint64_t limit = parse_limit(file);
    const owned<GMimeStream> stream = stream_of(file, static_cast<gint64>(limit));
    const owned<GMimeMessage> message = parse(stream.get());
    if (!message) {
        throw failure(SLUICE_INVALID_INPUT, "the message has no header: it cannot be read");
    }
    bool truncated = limit < file.size() ||
                     length_of(g_mime_message_get_to(message.get())) > most_addresses ||
                     length_of(g_mime_message_get_cc(message.get())) > most_addresses;
    json output = fields_of(message.get(), most_addresses);
    output.set("headers", headers_of(message.get(), truncated));
    taken_apart parts(ctx, truncated);
    parts.take(g_mime_message_get_mime_part(message.get()), 0);
    for (const auto& [name, value] : parts.result().members())
        output.set(name, value);
    return output;
}

}  // namespace sluice::mail
