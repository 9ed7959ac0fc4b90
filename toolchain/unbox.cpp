// Three LLVM passes that keep on the stack what a program boxes and never shares.
//
// Seahorse wraps each account and each object in Rc<RefCell<...>>, because Python shares objects. Most are never
// shared: once all calls are inlined, their box is made, used and dropped in one function. In a stack slot LLVM
// can follow its fields, and reference counts, borrow flags and copies vanish.
//
// `sbf-keep-allocator` runs before the optimiser: it holds the allocator's functions out of line, so that
// allocations can be recognised afterwards, and lets be inlined what boxes escape into otherwise.
// `sbf-unbox` runs after it, as often as the optimiser, and gives an allocation a stack slot where
//   - its size is known and small, and it is made at most once in a call of its function: not in a loop;
//   - its address does not escape, as LLVM's own capture analysis sees it;
//   - it is only read, written, compared with null, freed, or lent to functions that neither free it nor give it back.
// It does so only with an allocator to which freeing means nothing, as it does to Solana's: another could count on
// being told.
// `sbf-release-allocator` lets the allocator be inlined again.

#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/CycleAnalysis.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Plugins/PassPlugin.h"

using namespace llvm;

namespace {

constexpr uint64_t LargestBox = 512, LargestAlignment = 8;

// Of a frame's 4,096 bytes, what a function's slots may take with the boxes: the rest is for what is inlined later.
constexpr uint64_t SlotBytes = 3584;

// Rust marks its allocator's functions with what they do.
bool isAllocator(const Function &F) {
  return F.getFnAttribute("alloc-family").getValueAsString() == "__rust_alloc";
}

bool allocatorDoes(const CallBase &C, AllocFnKind What) {
  const Function *F = C.getCalledFunction();
  return F && isAllocator(*F) && (F->getAttributes().getAllocKind() & What) == What;
}

struct KeepAllocator : PassInfoMixin<KeepAllocator> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    for (Function &F : M) {
      if (isAllocator(F))
        F.addFnAttr(Attribute::NoInline);
      StringRef Name = F.getName(); // mangled: each part follows its length
      bool LastDrop = Name.contains("2rc") && Name.contains("9drop_slow");
      bool Accounts = Name.contains("12try_accounts");
      if (LastDrop || Accounts)
        allowInlining(F);
    }
    return PreservedAnalyses::none();
  }

  static void allowInlining(Function &F) {
    for (auto Mark : {Attribute::NoInline, Attribute::Cold}) {
      F.removeFnAttr(Mark);
      for (User *U : F.users())
        if (auto *C = dyn_cast<CallBase>(U); C && C->getCalledFunction() == &F)
          C->removeFnAttr(Mark);
    }
  }
};

struct Unbox : PassInfoMixin<Unbox> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &Modules) {
    auto &Functions = Modules.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
    if (freeingMeansNothing(M))
      for (Function &F : M)
        if (!F.isDeclaration())
          unbox(F, Functions.getResult<CycleAnalysis>(F));
    return PreservedAnalyses::none();
  }

  static bool freeingMeansNothing(const Module &M) {
    return none_of(M, [](const Function &F) {
      bool Frees = (F.getAttributes().getAllocKind() & AllocFnKind::Free) == AllocFnKind::Free;
      return isAllocator(F) && Frees && !F.isDeclaration() && !F.doesNotAccessMemory();
    });
  }

  static void unbox(Function &F, const CycleInfo &Cycles) {
    uint64_t Used = 0, Shared = 0;
    SmallVector<CallInst *, 16> Allocations;
    for (Instruction &I : instructions(F)) {
      if (auto *A = dyn_cast<AllocaInst>(&I)) {
        auto Size = A->getAllocationSize(F.getDataLayout()).value_or(TypeSize::getFixed(SlotBytes)).getFixedValue();
        if (isBrief(*A))
          Shared = std::max(Shared, Size);
        else
          Used += Size;
      }
      auto *C = dyn_cast<CallInst>(&I); // an invoke ends its block, and cannot just be taken away
      if (C && allocatorDoes(*C, AllocFnKind::Alloc | AllocFnKind::Uninitialized))
        Allocations.push_back(C);
    }
    Used += Shared;
    for (CallInst *C : Allocations) {
      uint64_t Size = boxSize(*C);
      SmallVector<CallInst *, 4> Frees;
      if (!Size || Used + Size > SlotBytes || Cycles.getCycle(C->getParent()) || !staysInside(*C, Frees))
        continue;
      Used += Size;
      moveToStack(*C, Size, Frees);
    }
  }

  // Whether a slot lives within one block: the back end has such slots share their bytes. Errors take many.
  static bool isBrief(const AllocaInst &A) {
    auto Block = [](const User *U) { return cast<Instruction>(U)->getParent(); };
    return any_of(A.users(), [](const User *U) { return isa<LifetimeIntrinsic>(U); }) &&
           all_of(A.users(), [&](const User *U) { return Block(U) == Block(*A.user_begin()); });
  }

  // 0 where it is not known or too large.
  static uint64_t boxSize(const CallBase &C) {
    if (C.arg_size() != 2) // the first round takes away an argument that is the same everywhere
      return 0;
    auto *Size = dyn_cast<ConstantInt>(C.getArgOperand(0)), *Alignment = dyn_cast<ConstantInt>(C.getArgOperand(1));
    if (!Size || !Alignment || Size->getValue().ugt(LargestBox) || Alignment->getValue().ugt(LargestAlignment))
      return 0;
    return Size->getZExtValue();
  }

  static bool staysInside(CallBase &Box, SmallVectorImpl<CallInst *> &Frees) {
    if (PointerMayBeCaptured(&Box, /*ReturnCaptures=*/true))
      return false;
    SmallVector<Value *, 16> Pointers{&Box};
    while (!Pointers.empty()) {
      Value *Pointer = Pointers.pop_back_val();
      for (Use &U : Pointer->uses()) {
        auto *I = cast<Instruction>(U.getUser());
        if (isa<GetElementPtrInst>(I))
          Pointers.push_back(I);
        else if (auto *C = dyn_cast<CallInst>(I); C && allocatorDoes(*C, AllocFnKind::Free) && Pointer == &Box)
          Frees.push_back(C);
        else if (!isHarmless(*I, U))
          return false;
      }
    }
    return true;
  }

  // Phi and select are not worth following; the address of a box does not live on in any of these.
  static bool isHarmless(const Instruction &I, const Use &U) {
    if (isa<LoadInst, StoreInst, MemIntrinsic>(I))
      return true;
    if (auto *Compare = dyn_cast<ICmpInst>(&I))
      return isa<ConstantPointerNull>(Compare->getOperand(1 - U.getOperandNo()));
    auto *C = dyn_cast<CallBase>(&I);
    if (!C || !C->isArgOperand(&U) || allocatorDoes(*C, AllocFnKind::Realloc))
      return false;
    unsigned Argument = C->getArgOperandNo(&U);
    if (!C->getType()->isVoidTy() && capturesAnything(C->getCaptureInfo(Argument).getRetComponents()))
      return false; // its result may be the box, and is not followed
    return C->hasFnAttr(Attribute::NoFree) || C->paramHasAttr(Argument, Attribute::NoFree);
  }

  static void moveToStack(CallBase &Box, uint64_t Size, ArrayRef<CallInst *> Frees) {
    Function &F = *Box.getFunction();
    IRBuilder<> B(&*F.getEntryBlock().getFirstInsertionPt());
    AllocaInst *Slot = B.CreateAlloca(ArrayType::get(B.getInt8Ty(), Size), nullptr, "box");
    Slot->setAlignment(Align(LargestAlignment));
    for (CallInst *Free : Frees)
      Free->eraseFromParent();
    Box.replaceAllUsesWith(Slot);
    Box.eraseFromParent();
    for (Instruction &I : instructions(F)) // a tail call must not see its caller's slots
      if (auto *C = dyn_cast<CallInst>(&I); C && C->isTailCall())
        C->setTailCallKind(CallInst::TCK_None);
  }
};

struct ReleaseAllocator : PassInfoMixin<ReleaseAllocator> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    for (Function &F : M)
      if (isAllocator(F))
        F.removeFnAttr(Attribute::NoInline);
    return PreservedAnalyses::none();
  }
};

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo llvmGetPassPluginInfo() {
  auto Register = [](PassBuilder &PB) {
    PB.registerPipelineParsingCallback([](StringRef Name, ModulePassManager &Passes, auto) {
      if (Name == "sbf-keep-allocator")
        Passes.addPass(KeepAllocator());
      else if (Name == "sbf-unbox")
        Passes.addPass(Unbox());
      else if (Name == "sbf-release-allocator")
        Passes.addPass(ReleaseAllocator());
      else
        return false;
      return true;
    });
  };
  return {LLVM_PLUGIN_API_VERSION, "sbf-unbox", "1.0", Register};
}
