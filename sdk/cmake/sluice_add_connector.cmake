# sluice_add_connector(NAME github
#                      SOURCES github.cpp
#                      DESCRIPTOR connector.json
#                      [LIBRARIES OpenSSL::Crypto]
#                      [STATIC_RUNTIME])
#
# Makes two targets:
#   connector_<name>       <name>.so in SLUICE_CONNECTOR_OUTPUT (default: connectors/ in the build
#                          folder), with the checked descriptor in its section "sluicemd" and one
#                          exported function
#   connector_<name>_code  the same code and descriptor as objects, to link into unit tests
#
# STATIC_RUNTIME links the C++ runtime into the connector, so that it needs only libc.
function(sluice_add_connector)
  cmake_parse_arguments(PARSE_ARGV 0 arg "STATIC_RUNTIME" "NAME;DESCRIPTOR" "SOURCES;LIBRARIES")
  foreach(required NAME DESCRIPTOR SOURCES)
    if(NOT arg_${required})
      message(FATAL_ERROR "sluice_add_connector needs ${required}")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sluice_add_connector does not know ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map)
  set(module connector_${arg_NAME})
  set(code ${module}_code)

  get_filename_component(descriptor ${arg_DESCRIPTOR} ABSOLUTE)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  set(extension c)
  if(NOT C IN_LIST languages)
    set(extension cpp)
  endif()
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${module}_descriptor.${extension})
  add_custom_command(OUTPUT ${embedded}
    COMMAND sluice::embed_descriptor ${descriptor} ${embedded}
    DEPENDS ${descriptor} sluice::embed_descriptor
    COMMENT "Checking the descriptor of ${arg_NAME}" VERBATIM)

  add_library(${code} OBJECT ${arg_SOURCES} ${embedded})
  target_compile_features(${code} PUBLIC cxx_std_20)
  target_link_libraries(${code} PUBLIC sluice::sdk ${arg_LIBRARIES})
  set_target_properties(${code} PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  # Unique symbols of inline variables would be shared between connectors of one process.
  target_compile_options(${code} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  if(COMMAND sluice_warnings)
    sluice_warnings(${code})
  endif()

  add_library(${module} MODULE)
  target_link_libraries(${module} PRIVATE ${code})
  if(SLUICE_CONNECTOR_OUTPUT)
    set(output ${SLUICE_CONNECTOR_OUTPUT})
  else()
    set(output ${CMAKE_BINARY_DIR}/connectors)
  endif()
  set_target_properties(${module} PROPERTIES PREFIX "" OUTPUT_NAME ${arg_NAME}
    LINKER_LANGUAGE CXX LIBRARY_OUTPUT_DIRECTORY ${output} LINK_DEPENDS ${map})
  if(UNIX AND NOT APPLE)
    target_link_options(${module} PRIVATE -Wl,--version-script=${map})
    # A sanitized library gets the sanitizer's functions from the program that loads it.
    set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS} ${SLUICE_SANITIZE}")
    if(NOT SLUICE_SANITIZE AND NOT flags MATCHES "-fsanitize")
      target_link_options(${module} PRIVATE -Wl,--no-undefined)
    endif()
  endif()
  # A tree may do something of its own with each finished connector, which is the last argument.
  if(SLUICE_CONNECTOR_COMMAND)
    add_custom_command(TARGET ${module} POST_BUILD
      COMMAND ${SLUICE_CONNECTOR_COMMAND} $<TARGET_FILE:${module}> VERBATIM)
  endif()
  if(arg_STATIC_RUNTIME)
    target_link_options(${module} PRIVATE -static-libgcc -static-libstdc++)
  endif()
endfunction()
