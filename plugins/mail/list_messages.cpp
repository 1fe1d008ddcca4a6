#include <algorithm>
#include <optional>

#include "mail.hpp"
#include "mailbox_session.hpp"
#include "read_message.hpp"

namespace sluice::mail {
namespace {

constexpr std::int64_t most_messages = 1'000;

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

std::int64_t limit_of(const json& input) {
    const std::int64_t limit = input["limit"].is_null() ? 100 : required_int(input, "limit");
    if (limit < 1 || limit > most_messages) {
        throw failure(SLUICE_INVALID_INPUT, "'limit' must be 1 to 1000");
    }
    return limit;
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
    const auto limit = static_cast<std::size_t>(limit_of(input));
    const std::optional<position> given = read_cursor(input);
    const std::string start = input.get_or("start", "now");
    if (start != "now" && start != "beginning") {
        throw failure(SLUICE_INVALID_INPUT, "'start' must be now or beginning");
    }
    mailbox_session mailbox(ctx);
    const folder_state folder = mailbox->open_folder(name, false);
    position from{folder.uid_validity, 0};
    if (given && given->uid_validity == folder.uid_validity) {
        from.uid = given->uid;
    } else if (given) {
        ctx.log(log_level::warning, "the folder was made anew: its messages are listed again",
                json{{"folder", name}});
    } else if (start == "now" && folder.uid_next > 0) {
        from.uid = folder.uid_next - 1;
    }
    // "n:*" always has the newest message in it, also when it is older than n.
    std::vector<std::uint64_t> uids =
        mailbox->search("UID " + std::to_string(from.uid + 1) + ":*" +
                        (input.get_or("unseenOnly", false) ? " UNSEEN" : ""));
    std::erase_if(uids, [&](std::uint64_t uid) { return uid <= from.uid; });
    const bool more = uids.size() > limit;
    uids.resize(std::min(uids.size(), limit));
    json items = json::array();
    for (const fetched& message : mailbox->fetch_headers(uids))
        items.push(item_of(message, folder, name));
    mailbox.keep();
    const std::uint64_t last = uids.empty() ? from.uid : uids.back();
    return json{{"items", items},
                {"cursor", std::to_string(folder.uid_validity) + "." + std::to_string(last)},
                {"more", more}};
}

}  // namespace sluice::mail
