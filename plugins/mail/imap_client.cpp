#include "imap_client.hpp"

#include <algorithm>
#include <utility>

#include "folder_name.hpp"
#include "gmime_handles.hpp"
#include "response_code.hpp"

namespace sluice::mail {
namespace {

constexpr std::size_t shown = 300;

std::string set_of(const std::vector<std::uint64_t>& uids) {
    std::string set;
    for (const std::uint64_t uid : uids)
        set += (set.empty() ? "" : ",") + std::to_string(uid);
    return set;
}

// The refusal behind "X4 NO [CODE] text".
[[noreturn]] void refuse(const std::string& status, const std::string& text) {
    const sluice_code usual = status == "BAD" ? SLUICE_INTERNAL : SLUICE_INVALID_INPUT;
    const sluice_code kind = code_of_response(text, usual);
    throw failure(kind, "the mail server refused: " + clean_text(text.substr(0, shown).c_str()));
}

// A message's header may be of any size: of each of these two so much, and no more.
constexpr std::size_t most_of_header = 8'192;
constexpr std::string_view listed_fields =
    "BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT MESSAGE-ID IN-REPLY-TO)]<0.8192> "
    "BODY.PEEK[HEADER.FIELDS (TO CC)]<0.8192>";

// Puts them together again. What is cut must not end in half an address.
void add_header(std::string& all, std::string_view name, std::string_view fields) {
    if (fields.size() >= most_of_header && name.find("TO CC") != name.npos) {
        fields = fields.substr(0, fields.rfind(','));
    }
    while (all.ends_with('\n') || all.ends_with('\r'))
        all.pop_back();
    all += (all.empty() ? "" : "\r\n") + std::string(fields);
}

void take_attributes(const imap_value& list, fetched& into) {
    for (std::size_t i = 0; i + 1 < list.items.size(); i += 2) {
        const imap_value& name = list.items[i];
        const imap_value& value = list.items[i + 1];
        if (name.is("UID")) into.uid = value.number();
        if (name.is("RFC822.SIZE")) into.size = value.number();
        if (name.is("INTERNALDATE")) into.received = value.text;
        if (name.text.starts_with("BODY[")) add_header(into.header, name.text, value.text);
        if (name.is("FLAGS")) {
            for (const imap_value& flag : value.items)
                into.flags.push_back(flag.text);
        }
    }
}

bool is_fetch(const std::vector<imap_value>& line) {
    return line.size() >= 4 && line[2].is("FETCH") && line[3].kind == imap_value::kind_type::list;
}

}  // namespace

std::string imap_client::run(const std::string& command,
                             const std::function<void(std::vector<imap_value>&)>& each,
                             const literal_taker& take) {
    const std::string tag = "S" + std::to_string(++number_);
    stream_.send(tag + " " + command + "\r\n");
    std::size_t kept = 0;
    while (true) {
        std::vector<imap_value> line = read_values(stream_, take, kept);
        if (line.empty()) continue;
        if (line.front().is("*")) {
            if (line.size() > 1 && line[1].is("BYE")) {
                throw failure(SLUICE_UNAVAILABLE, "the mail server hung up");
            }
            if (each) each(line);
            continue;
        }
        if (!line.front().is(tag) || line.size() < 2) continue;
        std::string text;
        for (std::size_t i = 2; i < line.size(); ++i)
            text += (i > 2 ? " " : "") + line[i].text;
        if (line[1].is("OK")) return text;
        refuse(line[1].text, text);
    }
}

bool imap_client::is_alive(const context& ctx) noexcept {
    try {
        serve(ctx);
        run("NOOP");
        return true;
    } catch (const failure&) {
        return false;
    }
}

bool imap_client::can(std::string_view capability) {
    if (!capabilities_) {
        std::vector<std::string> found;
        run("CAPABILITY", [&](std::vector<imap_value>& line) {
            if (line.size() < 2 || !line[1].is("CAPABILITY")) return;
            for (std::size_t i = 2; i < line.size(); ++i)
                found.push_back(line[i].text);
        });
        capabilities_ = std::move(found);
    }
    return std::ranges::find(*capabilities_, capability) != capabilities_->end();
}

folder_state imap_client::open_folder(const std::string& folder, bool writing) {
    folder_state state;
    bool empty = false;
    const auto note = [&](std::string_view text, std::string_view code, std::uint64_t& into) {
        // "[UIDNEXT 4]" is one atom.
        if (!text.starts_with("[" + std::string(code) + " ") || !text.ends_with(']')) return;
        const std::string_view digits = text.substr(code.size() + 2, text.size() - code.size() - 3);
        into = imap_value{imap_value::kind_type::atom, std::string(digits), {}}.number();
    };
    run((writing ? "SELECT " : "EXAMINE ") + quoted(to_folder_name(folder)),
        [&](std::vector<imap_value>& line) {
            if (line.size() < 3) return;
            if (line[2].is("EXISTS")) empty = line[1].is("0");
            if (!line[1].is("OK")) return;
            note(line[2].text, "UIDVALIDITY", state.uid_validity);
            note(line[2].text, "UIDNEXT", state.uid_next);
        });
    // A server of old. What is empty has no last message to ask for: some refuse that. Whatever
    // comes then has a UID beyond 0, and beyond those that were there before.
    if (state.uid_next == 0) state.uid_next = empty ? 1 : last_uid() + 1;
    return state;
}

std::uint64_t imap_client::last_uid() {
    std::uint64_t uid = 0;
    run("UID FETCH * (UID)", [&](std::vector<imap_value>& line) {
        if (!is_fetch(line)) return;
        fetched one;
        take_attributes(line[3], one);
        uid = std::max(uid, one.uid);
    });
    return uid;
}

std::vector<std::uint64_t> imap_client::search(const std::string& criteria) {
    std::vector<std::uint64_t> uids;
    run("UID SEARCH " + criteria, [&](std::vector<imap_value>& line) {
        if (line.size() < 2 || !line[1].is("SEARCH")) return;
        for (std::size_t i = 2; i < line.size(); ++i)
            uids.push_back(line[i].number());
    });
    std::ranges::sort(uids);
    return uids;
}

std::vector<fetched> imap_client::fetch_headers(const std::vector<std::uint64_t>& uids) {
    std::vector<fetched> list;
    if (uids.empty()) return list;
    run("UID FETCH " + set_of(uids) + " (UID FLAGS INTERNALDATE RFC822.SIZE " +
            std::string(listed_fields) + ")",
        [&](std::vector<imap_value>& line) {
            if (!is_fetch(line)) return;
            fetched one;
            take_attributes(line[3], one);
            if (one.uid != 0) list.push_back(std::move(one));
        });
    std::ranges::sort(list, {}, &fetched::uid);
    return list;
}

bool imap_client::fetch_message(std::uint64_t uid,
                                const std::function<void(std::string_view)>& piece) {
    bool found = false;
    const auto take = [&](const std::vector<imap_value>& before, std::uint64_t size,
                          imap_stream& from) {
        if (before.empty() || !before.back().text.starts_with("BODY[")) return false;
        from.read_bytes(size, piece);
        found = true;
        return true;
    };
    run(
        "UID FETCH " + std::to_string(uid) + " (BODY.PEEK[])",
        [&](std::vector<imap_value>& line) {
            if (!is_fetch(line) || found) return;
            // An empty or short message may come as a quoted string.
            fetched one;
            take_attributes(line[3], one);
            if (one.header.empty()) return;
            piece(one.header);
            found = true;
        },
        take);
    return found;
}

void imap_client::store(std::uint64_t uid, std::string_view change, const std::string& flags) {
    run("UID STORE " + std::to_string(uid) + " " + std::string(change) + ".SILENT (" + flags + ")");
}

void imap_client::require_removal() {
    if (can("UIDPLUS")) return;
    // EXPUNGE takes every message that is marked, also by others.
    throw failure(SLUICE_UNSUPPORTED,
                  "the mail server cannot remove one message (it lacks UIDPLUS, RFC 4315)");
}

void imap_client::move(std::uint64_t uid, const std::string& folder) {
    const std::string target = std::to_string(uid) + " " + quoted(to_folder_name(folder));
    if (can("MOVE")) {
        run("UID MOVE " + target);
        return;
    }
    require_removal();
    run("UID COPY " + target);
    remove(uid);
}

void imap_client::remove(std::uint64_t uid) {
    require_removal();
    store(uid, "+FLAGS", "\\Deleted");
    run("UID EXPUNGE " + std::to_string(uid));
}

std::vector<std::string> imap_client::folders() {
    std::vector<std::string> names;
    run("LIST \"\" \"*\"", [&](std::vector<imap_value>& line) {
        if (line.size() >= 5 && line[1].is("LIST")) names.push_back(from_folder_name(line[4].text));
    });
    std::ranges::sort(names);
    return names;
}

}  // namespace sluice::mail
