#include <algorithm>
#include <optional>
#include <sluice/option.hpp>

#include "mail.hpp"
#include "mailbox_session.hpp"
#include "read_message.hpp"

namespace sluice::mail {
namespace {

constexpr std::int64_t most_messages = 1'000;
constexpr std::uint64_t window = 5'000;        // UIDs: a line of 55 KB at most
constexpr int most_windows = 200;              // then another call goes on
constexpr std::size_t largest_page = 4 << 20;  // bytes of JSON: a poll takes 8 MiB

struct position {
    std::uint64_t uid_validity = 0;
    std::uint64_t uid = 0;  // the last one that was given
};

// "validity.uid"
std::optional<position> read_cursor(const json& input) {
    if (input["cursor"].is_null()) return std::nullopt;
    const std::string& text = required_string(input, "cursor");
    const std::size_t dot = text.find('.');
    position at;
    if (dot != std::string::npos) {
        at.uid_validity = imap_value{{}, text.substr(0, dot), {}}.number();
        at.uid = imap_value{{}, text.substr(dot + 1), {}}.number();
    }
    if (at.uid_validity == 0) {
        throw failure(SLUICE_INVALID_INPUT, "'cursor' is none that this action has given");
    }
    return at;
}

struct found_messages {
    std::vector<std::uint64_t> uids;
    std::uint64_t looked_up_to = 0;  // no other messages up to this UID
};

// The next `limit` messages after `from`, up to `last`. In windows: a server names all that it
// finds in one line.
found_messages find(mailbox_session& mailbox, std::uint64_t from, std::uint64_t last,
                    const std::string& criteria, std::size_t limit) {
    found_messages found;
    found.looked_up_to = from;
    for (int count = 0; count < most_windows && found.looked_up_to < last; ++count) {
        const std::uint64_t end = std::min(found.looked_up_to + window, last);
        std::vector<std::uint64_t> uids = mailbox->search(
            "UID " + std::to_string(found.looked_up_to + 1) + ":" + std::to_string(end) + criteria);
        found.uids.insert(found.uids.end(), uids.begin(), uids.end());
        found.looked_up_to = end;
        if (found.uids.size() < limit) continue;
        const bool all = found.uids.size() == limit;
        found.uids.resize(limit);
        if (!all) found.looked_up_to = found.uids.back();
        break;
    }
    return found;
}

json item_of(const fetched& message, const folder_state& folder, const std::string& name) {
    json item = header_fields(message.header);
    json flags = json::array();
    for (const std::string& flag : message.flags)
        flags.push(flag);
    const std::string uid = std::to_string(folder.uid_validity) + "." + std::to_string(message.uid);
    const std::string id = item.get_or("messageId", "");
    item.set("uid", message.uid);
    item.set("uidValidity", folder.uid_validity);
    item.set("folder", name);
    item.set("size", message.size);
    item.set("received", message.received);
    item.set("flags", flags);
    item.set("key", id.empty() ? uid : id);
    return item;
}

}  // namespace

json connector::list_new_messages(context& ctx, const json& input) {
    const std::string name = input.get_or("folder", "INBOX");
    const auto limit = static_cast<std::size_t>(int_option(input, "limit", 100, 1, most_messages));
    const std::optional<position> given = read_cursor(input);
    const std::string start = choice_option(input, "start", {"now", "beginning"});
    mailbox_session mailbox(ctx);
    const folder_state folder = mailbox->open_folder(name, false);
    position from{folder.uid_validity, 0};
    if (given && given->uid_validity == folder.uid_validity) {
        from.uid = given->uid;
    } else if (given) {
        ctx.log(log_level::warning, "the folder was made anew: its messages are listed again",
                json{{"folder", name}});
    } else if (start == "now") {
        from.uid = folder.uid_next - 1;
    }
    const std::string more_criteria = input.get_or("unseenOnly", false) ? " UNSEEN" : "";
    const found_messages found = find(mailbox, from.uid, folder.uid_next - 1, more_criteria, limit);
    json items = json::array();
    std::uint64_t last = found.looked_up_to;
    std::size_t size = 0;
    for (const fetched& message : mailbox->fetch_headers(found.uids)) {
        const json item = item_of(message, folder, name);
        size += item.dump().size();
        if (!items.empty() && size > largest_page) {
            last = message.uid - 1;
            break;
        }
        items.push(item);
    }
    mailbox.keep();
    return json{{"items", items},
                {"cursor", std::to_string(folder.uid_validity) + "." + std::to_string(last)},
                {"more", last + 1 < folder.uid_next}};
}

}  // namespace sluice::mail
