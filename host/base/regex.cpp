#include "base/regex.hpp"

#include <mutex>

#include <oniguruma.h>

#include "base/panic.hpp"

namespace sluice::base {
namespace {

constexpr unsigned int stack_limit = 100'000;  // entries of the matcher's own stack, on the heap

const OnigUChar* bytes(const char* text) { return reinterpret_cast<const OnigUChar*>(text); }

std::string words_of(int code, OnigErrorInfo* info) {
    OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN] = {};
    const int size = info != nullptr ? onig_error_code_to_str(text, code, info)
                                     : onig_error_code_to_str(text, code);
    return std::string(reinterpret_cast<const char*>(text), size > 0 ? size : 0);
}

void initialise() {
    static std::once_flag once;
    std::call_once(once, [] {
        OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
        if (onig_initialize(encodings, 1) != ONIG_NORMAL) panic("Oniguruma does not start");
    });
}

OnigOptionType option_bits(const regex_options& options) {
    OnigOptionType bits = ONIG_OPTION_CAPTURE_GROUP;
    if (options.ignore_case) bits |= ONIG_OPTION_IGNORECASE;
    if (options.extended) bits |= ONIG_OPTION_EXTEND;
    if (options.multi_line) bits |= ONIG_OPTION_MULTILINE;
    if (options.single_line) bits |= ONIG_OPTION_SINGLELINE;
    if (options.find_longest) bits |= ONIG_OPTION_FIND_LONGEST;
    if (options.find_not_empty) bits |= ONIG_OPTION_FIND_NOT_EMPTY;
    return bits;
}

int collect_name(const OnigUChar* name, const OnigUChar* end, int count, int* numbers, OnigRegex,
                 void* into) {
    auto& names = *static_cast<std::vector<std::pair<std::string, std::size_t>>*>(into);
    for (int i = 0; i < count; ++i)
        names.emplace_back(std::string(name, end), static_cast<std::size_t>(numbers[i]));
    return 0;
}

struct region_deleter {
    void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};
struct param_deleter {
    void operator()(OnigMatchParam* param) const { onig_free_match_param(param); }
};

}  // namespace

result<regex> regex::compile(std::string_view pattern, const regex_options& options) {
    initialise();
    OnigRegex code = nullptr;
    OnigErrorInfo info{};
    const int answer =
        onig_new(&code, bytes(pattern.data()), bytes(pattern.data() + pattern.size()),
                 option_bits(options), ONIG_ENCODING_UTF8, ONIG_SYNTAX_PERL_NG, &info);
    if (answer != ONIG_NORMAL) {
        return make_error(error_code::invalid_input, words_of(answer, &info));
    }
    regex out;
    out.code_ =
        std::shared_ptr<void>(code, [](void* held) { onig_free(static_cast<OnigRegex>(held)); });
    onig_foreach_name(code, collect_name, &out.names_);
    return out;
}

result<std::optional<regex_match>> regex::search(std::string_view text, std::size_t start,
                                                 std::uint64_t retry_limit) const {
    auto* code = static_cast<OnigRegex>(code_.get());
    const std::unique_ptr<OnigRegion, region_deleter> region(onig_region_new());
    const std::unique_ptr<OnigMatchParam, param_deleter> limits(onig_new_match_param());
    if (!region || !limits) panic("out of memory");
    onig_initialize_match_param(limits.get());
    onig_set_match_stack_limit_size_of_match_param(limits.get(), stack_limit);
    onig_set_retry_limit_in_match_of_match_param(limits.get(), retry_limit);
    onig_set_retry_limit_in_search_of_match_param(limits.get(), retry_limit);
    static const char nothing[1] = {};
    const char* const begin = text.data() != nullptr ? text.data() : nothing;
    const char* const end = begin + text.size();
    const int place =
        onig_search_with_param(code, bytes(begin), bytes(end), bytes(begin + start), bytes(end),
                               region.get(), ONIG_OPTION_NONE, limits.get());
    if (place == ONIG_MISMATCH) return std::optional<regex_match>();
    if (place < 0) {
        const bool too_long = place == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER ||
                              place == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER ||
                              place == ONIGERR_MATCH_STACK_LIMIT_OVER;
        return make_error(too_long ? error_code::timeout : error_code::internal,
                          words_of(place, nullptr));
    }
    regex_match match;
    match.groups.reserve(static_cast<std::size_t>(region->num_regs));
    for (int i = 0; i < region->num_regs; ++i) {
        regex_match::group group;
        if (region->beg[i] >= 0) {
            group.begin = static_cast<std::size_t>(region->beg[i]);
            group.size = static_cast<std::size_t>(region->end[i] - region->beg[i]);
            group.matched = true;
        }
        match.groups.push_back(group);
    }
    return std::optional<regex_match>(std::move(match));
}

}  // namespace sluice::base
