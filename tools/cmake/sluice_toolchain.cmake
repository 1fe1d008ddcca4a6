# Compiler settings for everything built in this tree: ccache, sanitizers, warnings, deliberate
# breakage. Nothing here reaches a connector that is built against the installed SDK.

find_program(SLUICE_CCACHE ccache)
if(SLUICE_CCACHE)
  # ccache before 4.8 (Debian 12 has 4.7) takes settings only from the environment.
  set(sluice_ccache_launcher ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros ${SLUICE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${sluice_ccache_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${sluice_ccache_launcher})
endif()

# Debug information is the larger part of build time and disk; line tables are what a sanitizer
# report needs.
string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
string(REPLACE "-g" "-g1" CMAKE_C_FLAGS_DEBUG "${CMAKE_C_FLAGS_DEBUG}")

if(SLUICE_SANITIZE)
  add_compile_options(-fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SLUICE_SANITIZE})
  if(SLUICE_SANITIZE MATCHES undefined)
    # Null pointers are seen by the address sanitizer, and x86 reads unaligned words: these two checks
    # stand at every access and would make the objects nearly twice as large.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=null,alignment)
  endif()
  if(SLUICE_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # The fences are Boost.Asio's, and only make the sanitizer see less.
    add_compile_options(-Wno-tsan)
  endif()
  if(SLUICE_SANITIZE MATCHES address)
    # Relocating an instrumented program takes longer than most tests, and each is a process.
    add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  endif()
endif()

if(SLUICE_BREAK)
  string(TOUPPER ${SLUICE_BREAK} sluice_break_upper)
  add_compile_definitions(SLUICE_BREAK_${sluice_break_upper}=1)
endif()

add_compile_options(-fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)

function(sluice_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wno-sign-conversion $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>)
  # GCC 12 sees overlapping copies in optimised "text" + std::string where there are none (bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds
      -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  if(SLUICE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
