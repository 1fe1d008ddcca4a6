#include <array>
#include <sluice/begun_step.hpp>
#include <sluice/option.hpp>

#include "mail.hpp"
#include "mailbox_session.hpp"
#include "read_message.hpp"

namespace sluice::mail {
namespace {

constexpr std::uint64_t largest_message = 1ull << 30;

std::uint64_t uid_of(const json& input) {
    const std::int64_t uid = required_int(input, "uid");
    if (uid < 1) throw failure(SLUICE_INVALID_INPUT, "'uid' must be 1 or more");
    return static_cast<std::uint64_t>(uid);
}

// Opens the folder of the input; a UID of an earlier life of the folder is another message.
void open_folder(mailbox_session& mailbox, const json& input, bool writing) {
    const folder_state state = mailbox->open_folder(input.get_or("folder", "INBOX"), writing);
    if (input["uidValidity"].is_null()) return;
    if (static_cast<std::uint64_t>(required_int(input, "uidValidity")) != state.uid_validity) {
        throw failure(SLUICE_CONFLICT, "the folder was made anew: its UIDs are others now");
    }
}

bool is_there(mailbox_session& mailbox, std::uint64_t uid) {
    return !mailbox->search("UID " + std::to_string(uid)).empty();
}

// What the server refuses is not done: what becomes of the message later is somebody else's work.
void move_noted(mailbox_session& mailbox, std::uint64_t uid, const std::string& to,
                const begun_step& step) {
    try {
        mailbox->move(uid, to);
    } catch (const failure& why) {
        const bool open = why.code() == SLUICE_UNAVAILABLE || why.code() == SLUICE_TIMEOUT ||
                          why.code() == SLUICE_CANCELLED;
        if (!open) step.forget_wait();
        throw;
    }
}

[[noreturn]] void refuse_missing(std::uint64_t uid) {
    throw failure(SLUICE_NOT_FOUND, "there is no message with UID " + std::to_string(uid));
}

}  // namespace

json connector::check_imap(context& ctx, const json&) {
    mailbox_session mailbox(ctx);
    const std::size_t folders = mailbox->folders().size();
    mailbox.keep();
    return json{{"server", imap_account(ctx).name()}, {"folders", folders}};
}

json connector::list_folders(context& ctx, const json&) {
    mailbox_session mailbox(ctx);
    json names = json::array();
    for (const std::string& name : mailbox->folders())
        names.push(name);
    mailbox.keep();
    return json{{"items", names}};
}

json connector::get_message(context& ctx, const json& input) {
    const std::uint64_t uid = uid_of(input);
    mailbox_session mailbox(ctx);
    open_folder(mailbox, input, false);
    temporary_file message;
    std::uint64_t size = 0;
    const bool found = mailbox->fetch_message(uid, [&](std::string_view piece) {
        size += piece.size();
        if (size > largest_message) {
            throw failure(SLUICE_INVALID_INPUT, "the message is larger than 1 GiB");
        }
        if (!message.write(piece.data(), piece.size())) {
            throw failure(SLUICE_UNAVAILABLE, "the machine has no room for the message");
        }
    });
    if (!found) refuse_missing(uid);
    mailbox.keep();
    message.flush();
    json output = read_message(ctx, message);
    output.set("uid", uid);
    output.set("size", size);
    if (input.get_or("raw", false)) output.set("file", message.to_blob(ctx, "message/rfc822"));
    return output;
}

json connector::move_message(context& ctx, const json& input) {
    const std::uint64_t uid = uid_of(input);
    const std::string& to = required_string(input, "to");
    const bool missing_ok = bool_option(input, "missingOk", false);
    const begun_step step(ctx, "mail/move");
    mailbox_session mailbox(ctx);
    open_folder(mailbox, input, true);
    const bool there = is_there(mailbox, uid);
    const bool repeated = !there && !step.earlier_wait().is_null();
    if (!there && !repeated && !missing_ok) refuse_missing(uid);
    if (there) {
        step.note_wait(true);
        move_noted(mailbox, uid, to, step);
    }
    mailbox.keep();
    return json{{"moved", there || repeated}};
}

json connector::set_flags(context& ctx, const json& input) {
    const std::uint64_t uid = uid_of(input);
    constexpr std::array<std::pair<const char*, const char*>, 3> known{
        {{"seen", "\\Seen"}, {"flagged", "\\Flagged"}, {"answered", "\\Answered"}}};
    mailbox_session mailbox(ctx);
    open_folder(mailbox, input, true);
    if (!is_there(mailbox, uid)) refuse_missing(uid);
    for (const auto& [name, flag] : known) {
        if (input[name].is_null()) continue;
        if (!input[name].is_bool()) detail::refuse_input(input, name, "true or false");
        mailbox->store(uid, input[name].as_bool() ? "+FLAGS" : "-FLAGS", flag);
    }
    mailbox.keep();
    return json{{"changed", true}};
}

json connector::delete_message(context& ctx, const json& input) {
    const std::uint64_t uid = uid_of(input);
    mailbox_session mailbox(ctx);
    open_folder(mailbox, input, true);
    const bool there = is_there(mailbox, uid);
    if (there) mailbox->remove(uid);
    mailbox.keep();
    return json{{"deleted", there}};
}

}  // namespace sluice::mail
