// An LLVM pass that holds out of line what a program does rarely, and makes it small.
//
// Anchor and Rust write out at each place what happens if something is wrong there: an error is made, named after the
// account, boxed. Inlined, such paths were two fifths of a program and never ran but to end a transaction. `sbf-apart`
// runs before anything is inlined. What it holds apart costs a call where it runs, and compute units nowhere else:
//   - Errors and panics. They are cold: so is each path that must come to one, and LLVM lays out and inlines the others.
//   - Formatting, which tells of errors and panics.
//   - Making accounts, which each account goes through once. Not cold: it runs where nothing fails.

#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Plugins/PassPlugin.h"

using namespace llvm;

namespace {

// LLVM's own measure for functions that shall be small, which -inline-threshold would put aside.
constexpr StringLiteral SmallThreshold = "5";

// The path of a function, without the bracket before a method's.
StringRef path(StringRef Demangled) {
  Demangled.consume_front("<");
  return Demangled;
}

bool isError(StringRef Path) {
  return Path.starts_with("anchor_lang::error::") || Path.starts_with("core::panicking::") ||
         Path.starts_with("std::io::error::") ||
         Path.starts_with("solana_program::program_error::ProgramError as core::convert::From<");
}

bool isFormatting(StringRef Path) { return Path.contains("core::fmt::"); }

bool makesAccounts(StringRef Path) {
  return Path.starts_with("anchor_lang::system_program::") ||
         Path.starts_with("solana_program::instruction::Instruction>::new_with_bincode::");
}

void holdApart(Function &F) {
  F.addFnAttr(Attribute::NoInline);
  F.addFnAttr(Attribute::OptimizeForSize);
  F.addFnAttr(Attribute::MinSize);
  for (Instruction &I : instructions(F))
    if (auto *C = dyn_cast<CallBase>(&I))
      C->addFnAttr(Attribute::get(F.getContext(), "function-inline-threshold", SmallThreshold));
}

struct Apart : PassInfoMixin<Apart> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    for (Function &F : M) {
      if (F.isDeclaration() || F.hasFnAttribute(Attribute::AlwaysInline))
        continue;
      std::string Name = demangle(F.getName());
      StringRef Path = path(Name);
      if (isError(Path))
        F.addFnAttr(Attribute::Cold);
      if (isError(Path) || isFormatting(Path) || makesAccounts(Path))
        holdApart(F);
    }
    return PreservedAnalyses::none();
  }
};

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo llvmGetPassPluginInfo() {
  auto Register = [](PassBuilder &PB) {
    PB.registerPipelineParsingCallback([](StringRef Name, ModulePassManager &Passes, auto) {
      if (Name != "sbf-apart")
        return false;
      Passes.addPass(Apart());
      return true;
    });
  };
  return {LLVM_PLUGIN_API_VERSION, "sbf-apart", "1.0", Register};
}
