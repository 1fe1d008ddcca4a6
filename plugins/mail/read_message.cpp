#include "read_message.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "gmime_handles.hpp"

namespace sluice::mail {
namespace {

constexpr std::size_t largest_text = 2 << 20;  // of text and of html, each
constexpr std::size_t most_attachments = 200;
constexpr std::size_t largest_headers = 256 * 1024;
constexpr int deepest = 20;

json mailboxes(InternetAddressList* list) {
    json all = json::array();
    const int count = list == nullptr ? 0 : internet_address_list_length(list);
    for (int i = 0; i < count; ++i) {
        InternetAddress* each = internet_address_list_get_address(list, i);
        if (!INTERNET_ADDRESS_IS_MAILBOX(each)) continue;
        all.push(json{{"name", clean_text(internet_address_get_name(each))},
                      {"address", clean_text(internet_address_mailbox_get_addr(
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

json fields_of(GMimeMessage* message) {
    const json from = mailboxes(g_mime_message_get_from(message));
    return json{
        {"messageId", clean_text(g_mime_message_get_message_id(message))},
        {"from", from[0]},
        {"to", mailboxes(g_mime_message_get_to(message))},
        {"cc", mailboxes(g_mime_message_get_cc(message))},
        {"subject", clean_text(g_mime_message_get_subject(message))},
        {"date", date_of(message)},
        {"inReplyTo", clean_text(g_mime_object_get_header(GMIME_OBJECT(message), "In-Reply-To"))}};
}

owned<GMimeMessage> parse(GMimeStream* stream) {
    const owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream));
    return owned<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

json headers_of(GMimeMessage* message) {
    json all = json::object();
    GMimeHeaderList* list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    std::size_t size = 0;
    for (int i = 0; i < g_mime_header_list_get_count(list); ++i) {
        GMimeHeader* each = g_mime_header_list_get_header_at(list, i);
        std::string name = clean_text(g_mime_header_get_name(each));
        std::ranges::transform(name, name.begin(), g_ascii_tolower);
        const std::string value = clean_text(g_mime_header_get_value(each));
        size += name.size() + value.size();
        if (size > largest_headers) break;
        const std::string before = all.get_or(name, "");
        all.set(name, before.empty() ? value : before + "\n" + value);
    }
    return all;
}

class taken_apart {
  public:
    explicit taken_apart(const context& ctx) : ctx_(ctx) {}

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
        const owned_text text(g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
        if (!text) return;
        std::string clean = clean_text(text.get());
        if (!into.empty()) into += "\n";
        const std::size_t room = largest_text - std::min(largest_text, into.size());
        truncated_ = truncated_ || clean.size() > room;
        into += detail::utf8_prefix(clean, room);
    }

    void take_file(GMimePart* part) {
        temporary_file bytes;
        if (GMimeDataWrapper* content = g_mime_part_get_content(part); content != nullptr) {
            const owned<GMimeStream> stream(
                g_mime_stream_fs_new_with_bounds(bytes.descriptor(), 0, -1));
            g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream.get()), FALSE);
            if (g_mime_data_wrapper_write_to_stream(content, stream.get()) < 0 ||
                g_mime_stream_flush(stream.get()) < 0) {
                throw failure(SLUICE_UNAVAILABLE, "the machine has no room for an attachment");
            }
        }
        add(bytes, g_mime_object_get_content_type(GMIME_OBJECT(part)),
            clean_text(g_mime_part_get_filename(part)),
            clean_text(g_mime_part_get_content_id(part)));
    }

    // A forwarded message stays one file.
    void take_message(GMimeMessagePart* part) {
        GMimeMessage* inner = g_mime_message_part_get_message(part);
        if (inner == nullptr) return;
        temporary_file bytes;
        const owned<GMimeStream> stream(
            g_mime_stream_fs_new_with_bounds(bytes.descriptor(), 0, -1));
        g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream.get()), FALSE);
        g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, stream.get());
        g_mime_stream_flush(stream.get());
        add(bytes, g_mime_object_get_content_type(GMIME_OBJECT(part)),
            clean_text(g_mime_message_get_subject(inner)) + ".eml", "");
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
    bool truncated_ = false;
};

}  // namespace

json header_fields(const std::string& header) {
    const owned<GMimeStream> stream(
        g_mime_stream_mem_new_with_buffer(header.data(), header.size()));
    const owned<GMimeMessage> message = parse(stream.get());
    if (!message) return json{{"messageId", ""}, {"subject", ""}};
    return fields_of(message.get());
}

json read_message(const context& ctx, const temporary_file& file) {
    const owned<GMimeStream> stream(g_mime_stream_fs_new_with_bounds(file.descriptor(), 0, -1));
    g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream.get()), FALSE);
    const owned<GMimeMessage> message = parse(stream.get());
    if (!message) {
        throw failure(SLUICE_INVALID_INPUT, "the message has no header: it cannot be read");
    }
    json output = fields_of(message.get());
    output.set("headers", headers_of(message.get()));
    taken_apart parts(ctx);
    parts.take(g_mime_message_get_mime_part(message.get()), 0);
    for (const auto& [name, value] : parts.result().members())
        output.set(name, value);
    return output;
}

}  // namespace sluice::mail
