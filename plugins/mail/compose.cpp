#include "compose.hpp"

#include <algorithm>
#include <memory>
#include <sluice/step_hash.hpp>

#include "gmime_file.hpp"
#include "one_line.hpp"

namespace sluice::mail {
namespace {

constexpr std::size_t most_recipients = 500;
constexpr std::size_t most_attachments = 100;

[[noreturn]] void refuse(const std::string& what) { throw failure(SLUICE_INVALID_INPUT, what); }

std::string line_in(const json& from, std::string_view key) {
    const std::string text = from.get_or(key, "");
    if (!from[key].is_null() && !from[key].is_string()) detail::refuse_input(from, key, "a string");
    if (!is_one_line(text)) refuse("'" + std::string(key) + "' must be one line");
    return text;
}

struct mailbox {
    std::string name;
    std::string address;
};

void check_address(const std::string& address, std::string_view where) {
    const std::size_t at = address.rfind('@');
    const bool ascii = std::ranges::all_of(
        address, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '<' && c != '>'; });
    if (at == std::string::npos || at == 0 || at + 1 == address.size() || !ascii) {
        refuse("'" + std::string(where) + "': " + address +
               " is no address that every mail server takes (ASCII, like ada@example.com)");
    }
}

// "ada@example.com", "Ada <ada@example.com>", or {name, address}.
mailbox read_mailbox(const json& from, std::string_view where) {
    mailbox made;
    if (from.is_object()) {
        made = {line_in(from, "name"), line_in(from, "address")};
    } else if (from.is_string() && is_one_line(from.as_string())) {
        const std::string& text = from.as_string();
        InternetAddressList* parsed = internet_address_list_parse(nullptr, text.c_str());
        const owned<InternetAddressList> list(parsed);
        InternetAddress* first = parsed != nullptr && internet_address_list_length(parsed) == 1
                                     ? internet_address_list_get_address(parsed, 0)
                                     : nullptr;
        if (first == nullptr || !INTERNET_ADDRESS_IS_MAILBOX(first)) {
            refuse("'" + std::string(where) + "': " + text + " is not one address");
        }
        made.name = clean_text(internet_address_get_name(first));
        made.address =
            clean_text(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first)));
    } else {
        refuse("'" + std::string(where) + "' must be addresses: text, or {name, address}");
    }
    check_address(made.address, where);
    return made;
}

std::vector<mailbox> read_mailboxes(const json& input, std::string_view key) {
    const json& found = input[key];
    std::vector<mailbox> list;
    if (found.is_null()) return list;
    if (!found.is_array()) {
        list.push_back(read_mailbox(found, key));
        return list;
    }
    for (const json& each : found.items())
        list.push_back(read_mailbox(each, key));
    return list;
}

// The same for each attempt of a step: a receiver can see that it has the message already.
std::string message_id_for(const context& ctx, const std::string& sender) {
    const std::string id = step_hash(ctx, "message") + step_hash(ctx, "id");
    return id + "@" + sender.substr(sender.rfind('@') + 1);
}

GMimeObject* text_part(const char* subtype, const std::string& text) {
    GMimeTextPart* part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text.c_str());
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_OBJECT(part);
}

void add(GMimeMultipart* whole, GMimeObject* part) {
    g_mime_multipart_add(whole, part);
    g_object_unref(part);
}

GMimeObject* text_of(const json& input) {
    const std::string text = input.get_or("text", "");
    const std::string html = input.get_or("html", "");
    for (const char* key : {"text", "html"}) {
        if (!input[key].is_null() && !input[key].is_string()) {
            detail::refuse_input(input, key, "a string");
        }
    }
    if (html.empty()) return text_part("plain", text);
    if (text.empty()) return text_part("html", html);
    GMimeMultipart* both = g_mime_multipart_new_with_subtype("alternative");
    add(both, text_part("plain", text));
    add(both, text_part("html", html));
    return GMIME_OBJECT(both);
}

// Holds the bytes of the attachments until the message is written.
class attachments {
  public:
    attachments(const context& ctx, const json& input) : ctx_(ctx) {
        const json& list = input["attachments"];
        if (list.is_null()) return;
        if (required_array(input, "attachments").size() > most_attachments) {
            refuse("a message has at most " + std::to_string(most_attachments) + " attachments");
        }
        list_ = list.items();
    }
    bool empty() const { return list_.empty(); }
    void add_to(GMimeMultipart* whole) {
        for (const json& each : list_)
            add(whole, part(each));
    }

  private:
    GMimeObject* part(const json& from) {
        if (!from.is_object()) refuse("each of 'attachments' must be an object");
        const blob source = ctx_.find_blob(from["file"]);
        const std::string name = line_in(from, "name");
        if (name.empty()) refuse("each of 'attachments' needs a 'name'");
        std::string type = line_in(from, "contentType");
        if (type.empty()) type = source.content_type();
        const std::size_t slash = type.find('/');
        const bool usable = slash != std::string::npos && is_one_line(type);
        GMimeContentType* parsed =
            g_mime_content_type_parse(nullptr, usable ? type.c_str() : "application/octet-stream");
        files_.emplace_back(source);
        GMimePart* made = g_mime_part_new();
        g_mime_object_set_content_type(GMIME_OBJECT(made), parsed);
        g_object_unref(parsed);
        const std::string id = line_in(from, "contentId");
        g_mime_object_set_disposition(GMIME_OBJECT(made), id.empty() ? "attachment" : "inline");
        if (!id.empty()) g_mime_part_set_content_id(made, id.c_str());
        g_mime_part_set_filename(made, name.c_str());
        const owned<GMimeStream> stream = stream_of(files_.back());
        g_mime_stream_reset(stream.get());
        GMimeDataWrapper* content =
            g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT);
        g_mime_part_set_content(made, content);
        g_object_unref(content);
        g_mime_part_set_content_encoding(made, GMIME_CONTENT_ENCODING_BASE64);
        return GMIME_OBJECT(made);
    }

    const context& ctx_;
    json::array_type list_;
    std::vector<temporary_file> files_;
};

void set_headers(GMimeMessage* message, const json& input) {
    if (input["headers"].is_null()) return;
    for (const auto& [name, value] : required_object(input, "headers").members()) {
        const bool own = name.size() > 2 && (name.starts_with("X-") || name.starts_with("List-") ||
                                             name == "In-Reply-To" || name == "References" ||
                                             name == "Auto-Submitted" || name == "Precedence");
        constexpr std::string_view letters =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
        if (!own || name.find_first_not_of(letters) != std::string::npos) {
            refuse(
                "'headers' may set X-..., List-..., In-Reply-To, References, Auto-Submitted and "
                "Precedence, not " +
                name);
        }
        if (!value.is_string() || !is_one_line(value.as_string())) {
            refuse("'headers." + name + "' must be one line of text");
        }
        g_mime_object_set_header(GMIME_OBJECT(message), name.c_str(), value.as_string().c_str(),
                                 "utf-8");
    }
}

void add_mailboxes(GMimeMessage* message, GMimeAddressType type, const std::vector<mailbox>& list) {
    for (const mailbox& each : list) {
        g_mime_message_add_mailbox(message, type, each.name.empty() ? nullptr : each.name.c_str(),
                                   each.address.c_str());
    }
}

temporary_file bytes_of(GMimeMessage* message) {
    GMimeFormatOptions* format = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_format_options_add_hidden_header(format, "Bcc");
    const std::unique_ptr<GMimeFormatOptions, void (*)(GMimeFormatOptions*)> freed(
        format, &g_mime_format_options_free);
    return written([&](GMimeStream* to) {
        return g_mime_object_write_to_stream(GMIME_OBJECT(message), format, to);
    });
}

}  // namespace

composed compose(const context& ctx, const json& input, const std::string& usual_from) {
    const json& from = input["from"];
    const mailbox sender = read_mailbox(from.is_null() ? json(usual_from) : from, "from");
    composed made;
    made.sender = sender.address;
    const owned<GMimeMessage> message(g_mime_message_new(TRUE));
    add_mailboxes(message.get(), GMIME_ADDRESS_TYPE_FROM, {sender});
    const std::pair<const char*, GMimeAddressType> kinds[] = {{"to", GMIME_ADDRESS_TYPE_TO},
                                                              {"cc", GMIME_ADDRESS_TYPE_CC},
                                                              {"bcc", GMIME_ADDRESS_TYPE_BCC}};
    for (const auto& [key, type] : kinds) {
        const std::vector<mailbox> list = read_mailboxes(input, key);
        add_mailboxes(message.get(), type, list);
        for (const mailbox& each : list) {
            if (std::ranges::find(made.recipients, each.address) == made.recipients.end()) {
                made.recipients.push_back(each.address);
            }
        }
    }
    if (made.recipients.empty()) refuse("the input needs 'to', 'cc' or 'bcc'");
    if (made.recipients.size() > most_recipients) {
        refuse("a message has at most " + std::to_string(most_recipients) + " recipients");
    }
    add_mailboxes(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, read_mailboxes(input, "replyTo"));
    g_mime_message_set_subject(message.get(), line_in(input, "subject").c_str(), "utf-8");
    GDateTime* now = g_date_time_new_now_utc();
    g_mime_message_set_date(message.get(), now);
    g_date_time_unref(now);
    const std::string id = message_id_for(ctx, made.sender);
    g_mime_message_set_message_id(message.get(), id.c_str());
    made.message_id = "<" + id + ">";
    set_headers(message.get(), input);

    attachments files(ctx, input);
    GMimeObject* body = text_of(input);
    if (!files.empty()) {
        GMimeMultipart* mixed = g_mime_multipart_new_with_subtype("mixed");
        add(mixed, body);
        files.add_to(mixed);
        body = GMIME_OBJECT(mixed);
    }
    g_mime_message_set_mime_part(message.get(), body);
    g_object_unref(body);
    made.bytes = bytes_of(message.get());
    return made;
}

}  // namespace sluice::mail
