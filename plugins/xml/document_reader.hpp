// Expat with its dangers taken out: no DOCTYPE, bounded depth, attributes and tokens. What handlers
// throw comes out of feed().
#pragma once

#include <expat.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "namespaces.hpp"

namespace xml {

// A place in a document. Lines and columns count from 1, columns in bytes.
struct position {
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
    std::uint64_t column = 1;
};

class document_handler {
  public:
    virtual void start_element(std::string_view name, attribute_list attributes) = 0;
    virtual void end_element() = 0;
    virtual void text(std::string_view bytes) = 0;

  protected:
    ~document_handler() = default;
};

class document_reader {
  public:
    // `encoding`: overrides what the document says; empty: by its mark or declaration.
    document_reader(document_handler& handler, const reading_options& options,
                    const std::string& encoding, std::size_t max_token_bytes);

    // For a reader that begins inside of a document: start tags of the elements around it, in the
    // document's encoding, and the place from which on the document is fed.
    void begin_inside(std::string_view start_tags, position where);
    // The next bytes of the document; `last`: these are all. False: a handler has called stop().
    // SLUICE_INVALID_INPUT with line and column: not well formed, or refused.
    bool feed(std::string_view bytes, bool last);
    // Takes effect when the handler returns; the document cannot be read on.
    void stop();

    // In a handler: where the tag that it was called for ends.
    position after_tag() const;
    // What the declaration says; empty when it says nothing.
    const std::string& declared_encoding() const { return declared_encoding_; }

  private:
    template <class Function>
    void call(Function function) noexcept;
    template <class Function>
    static void forward(void* self, Function function) noexcept;
    void check_start(attribute_list attributes);
    position place(std::int64_t offset_in_fed, std::uint64_t line, std::uint64_t column) const;
    [[noreturn]] void fail_here(const std::string& message) const;

    document_handler& handler_;
    const reading_options& options_;
    std::size_t max_token_bytes_;
    std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)> parser_;
    std::string declared_encoding_;
    position start_;
    std::uint64_t prefix_bytes_ = 0;
    std::uint64_t fed_ = 0;
    std::uint64_t progress_ = 0;  // bytes fed when something was last found in them
    std::size_t depth_ = 0;
    bool stopped_ = false;
    std::exception_ptr thrown_;
};

}  // namespace xml
