// A value or an error. No exception leaves a module; this is what comes out instead.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.hpp"

namespace sluice::base {

// Asking for the value of an error (or the reverse) is a programming mistake and ends the process.
[[noreturn]] void panic_bad_result_access(const error* held);

template <class T>
class [[nodiscard]] result {
  public:
    using value_type = T;

    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit
    result(error failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& value() & { return check(), *std::get_if<0>(&state_); }
    const T& value() const& { return check(), *std::get_if<0>(&state_); }
    T&& value() && { return check(), std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    error& error_value() & { return check_error(), *std::get_if<1>(&state_); }
    const error& error_value() const& { return check_error(), *std::get_if<1>(&state_); }
    error&& error_value() && { return check_error(), std::move(*std::get_if<1>(&state_)); }

  private:
    void check() const {
        if (!has_value()) panic_bad_result_access(std::get_if<1>(&state_));
    }
    void check_error() const {
        if (has_value()) panic_bad_result_access(nullptr);
    }
    std::variant<T, error> state_;
};

template <>
class [[nodiscard]] result<void> {
  public:
    using value_type = void;

    result() = default;
    result(error failure) : failure_(std::move(failure)) {}  // NOLINT: implicit

    bool has_value() const noexcept { return !failure_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const {
        if (failure_) panic_bad_result_access(&*failure_);
    }
    error& error_value() & { return check_error(), *failure_; }
    const error& error_value() const& { return check_error(), *failure_; }
    error&& error_value() && { return check_error(), std::move(*failure_); }

  private:
    void check_error() const {
        if (!failure_) panic_bad_result_access(nullptr);
    }
    std::optional<error> failure_;
};

}  // namespace sluice::base
