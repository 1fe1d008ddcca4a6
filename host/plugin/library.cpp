#include "plugin/library.hpp"

#include <dlfcn.h>

// Boost.DLL on std::filesystem needs no library of its own.
#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <exception>
#include <string>

namespace sluice::plugin {

namespace {

using base::error;
using base::error_code;

// What every connector fills in. Read what was added later after SLUICE_HAS only, and of actions
// only when the stride reaches that far.
constexpr std::size_t table_size_1_0 = offsetof(sluice_connector, cancel) + sizeof(void*);
constexpr std::size_t action_size_1_0 = offsetof(sluice_action, start) + sizeof(void*);

constexpr const char* rebuild = "Build the connector again; the SDK's CMake function checks this.";

error refuse(std::string why) {
    return base::make_error(error_code::invalid_input, std::move(why), rebuild);
}

// Boost.DLL keeps only an errno, mostly a wrong one; the loader's own sentence names the missing
// symbol or library.
std::string true_reason(const std::filesystem::path& file) {
    ::dlerror();
    if (::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr) {
        return "the first try failed, the second worked";
    }
    const char* text = ::dlerror();
    return text != nullptr ? text : "no reason given";
}

// The ABI's ids are at most 64 characters; a missing NUL must not send us through memory.
std::string bounded_text(const char* text) {
    return text == nullptr ? std::string() : std::string(text, ::strnlen(text, 65));
}

base::result<void> check_head(const sluice_connector& table, const descriptor& expected) {
    if (!SLUICE_HAS(&table, cancel)) {
        return refuse("its table is " + std::to_string(table.size) + " bytes long, ABI 1.0 needs " +
                      std::to_string(table_size_1_0));
    }
    // It may have been built with a later header than this host's.
    if (table.abi_minor < expected.abi_minor) {
        return refuse("its table says ABI minor " + std::to_string(table.abi_minor) +
                      ", its descriptor needs " + std::to_string(expected.abi_minor));
    }
    if (bounded_text(table.id) != expected.id) {
        return refuse("its table says id `" + bounded_text(table.id) + "`, its descriptor `" +
                      expected.id + "`");
    }
    if (table.open == nullptr || table.close == nullptr) {
        return refuse("its table has no open or no close function");
    }
    if (table.action_size < action_size_1_0 || table.action_size % alignof(sluice_action) ||
        table.action_count > 10'000 || (table.action_count > 0 && table.actions == nullptr)) {
        return refuse("its list of actions has impossible sizes");
    }
    return {};
}

base::result<void> check_action(const sluice_action& action, const descriptor& expected) {
    const std::string id = bounded_text(action.id);
    const action_description* described = expected.find_action(id);
    if (described == nullptr) {
        return refuse("its table has action `" + id + "`, its descriptor does not");
    }
    if (action.start == nullptr) return refuse("action `" + id + "` has no start function");
    const bool blocking = (action.flags & SLUICE_ACTION_BLOCKING) != 0;
    if (blocking != described->blocking) {
        return refuse("action `" + id + "` is " + (blocking ? "" : "not ") +
                      "blocking in its table, but " + (described->blocking ? "" : "not ") +
                      "in its descriptor");
    }
    return {};
}

}  // namespace

const sluice_action* library::find(std::string_view action) const {
    for (const sluice_action* candidate : actions) {
        if (candidate->id == action) return candidate;
    }
    return nullptr;
}

base::result<library> check_table(const sluice_connector* table, const descriptor& expected) {
    if (table == nullptr) return refuse("its entry function returned nothing");
    if (auto head = check_head(*table, expected); !head) return head.error_value();
    library out{table, {}, nullptr};
    const char* position = reinterpret_cast<const char*>(table->actions);
    for (std::uint32_t index = 0; index < table->action_count; ++index) {
        const auto* action = reinterpret_cast<const sluice_action*>(position);
        position += table->action_size;
        if (auto checked = check_action(*action, expected); !checked) return checked.error_value();
        if (out.find(action->id) != nullptr) {
            return refuse("its table has action `" + std::string(action->id) + "` twice");
        }
        out.actions.push_back(action);
    }
    for (const auto& [id, described] : expected.actions) {
        if (out.find(id) == nullptr) {
            return refuse("its descriptor has action `" + id + "`, its table does not");
        }
    }
    return out;
}

base::result<library> load_library(const std::filesystem::path& file, const descriptor& expected) {
    // NODELETE keeps the code mapped for ever, so that a late thread of the connector never runs
    // into nothing; the handle itself is not needed any more.
    const auto mode = static_cast<boost::dll::load_mode::type>(
        boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local | RTLD_NODELETE);
    try {
        std::error_code failure;
        boost::dll::shared_library loaded(file, failure, mode);
        if (failure) {
            return base::make_error(error_code::invalid_input,
                                    "it cannot be loaded: " + true_reason(file),
                                    "Install or link what is missing, then copy the file again.");
        }
        if (!loaded.has(SLUICE_ENTRY_NAME)) {
            return refuse("it does not export the function `" SLUICE_ENTRY_NAME "`");
        }
        auto& entry = loaded.get<const sluice_connector*()>(SLUICE_ENTRY_NAME);
        return check_table(entry(), expected);
    } catch (const std::exception& thrown) {
        return refuse(std::string("an exception left its entry function: ") + thrown.what());
    } catch (...) {
        return refuse("an exception left its entry function");
    }
}

}  // namespace sluice::plugin
