// Two LLVM passes that let the upstream BPF back end make a Solana program.
//
// `sbf-internalize` runs first: of the linked program only the entrypoint is seen from outside, and the
// optimiser may do with the rest what it likes, except drop the functions that the second pass calls.
// `sbf-legalize` runs last and rewrites the optimised IR into what the back end can select.
//
// Solana's virtual machine passes five arguments in registers and returns one, and it has no 128-bit
// arithmetic, no signed division, no floating point and no libc. The back end refuses programs that need
// more. Nothing may optimise between this pass and code generation: that would undo some of its rewrites.
//
//   1. Instructions, until none is left that has a rewrite: a rewrite may yield others to rewrite.
//   2. Signatures: functions, then calls, both by function type alone, so that indirect calls agree.
//   3. Checks: what is left and would make a wrong program is an error that stops the build.
//
// No rewrite sets poison-generating flags (nsw, nuw, exact): none of them knows enough to.

#include "llvm/ADT/StringSet.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Plugins/PassPlugin.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include <map>

using namespace llvm;

namespace {

constexpr unsigned RegisterArguments = 5;

// Up to this length a copy takes fewer compute units as loads and stores than as a syscall.
constexpr uint64_t LongestInlineCopy = 64;

// Ends the build.
[[noreturn]] void refuse(const Function &F, const Twine &What) {
  reportFatalUsageError("SBF cannot have " + What + ", in " + demangle(F.getName()));
}

PointerType *pointer(LLVMContext &C) { return PointerType::get(C, 0); }

// A stack slot of the function's own, made once per call of the function whatever loop its user is in.
AllocaInst *slot(Function &F, Type *T, const Twine &Name) {
  IRBuilder<> B(&*F.getEntryBlock().getFirstInsertionPt());
  return B.CreateAlloca(T, nullptr, Name);
}

// ---------------------------------------------------------------------------------------- callees

CallInst *callSyscall(IRBuilder<> &B, Module &M, StringRef Name, ArrayRef<Value *> Arguments) {
  SmallVector<Type *, 5> Types;
  for (Value *A : Arguments)
    Types.push_back(A->getType());
  auto *T = FunctionType::get(B.getVoidTy(), Types, false);
  auto *F = dyn_cast<Function>(M.getOrInsertFunction(Name, T).getCallee());
  if (!F)
    reportFatalUsageError(Name + " is not a function");
  // Another declaration may spell a scalar's type differently (a length as usize, a byte as i32).
  return B.CreateCall(T, F, Arguments);
}

// Calls a function of compiler_builtins, which the linker has kept for this.
Value *callBuiltin(IRBuilder<> &B, Instruction &For, StringRef Name, ArrayRef<Value *> Arguments,
                   Type *Result) {
  Function &Caller = *For.getFunction();
  Function *F = For.getModule()->getFunction(Name);
  SmallVector<Type *, 5> Types;
  for (Value *A : Arguments)
    Types.push_back(A->getType());
  if (!F || F->isDeclaration() || F->getFunctionType()->params() != ArrayRef<Type *>(Types) ||
      (Result && F->getReturnType() != Result) || F == &Caller)
    refuse(Caller, "an operation that needs " + Name + ": it is missing, of another type, or this function");
  CallInst *C = B.CreateCall(F, Arguments);
  C->setCallingConv(F->getCallingConv());
  return C;
}

// --------------------------------------------------------------------------------- 128-bit halves

struct Halves {
  Value *Low, *High;
};

Halves split(IRBuilder<> &B, Value *V) {
  return {B.CreateTrunc(V, B.getInt64Ty()), B.CreateTrunc(B.CreateLShr(V, 64), B.getInt64Ty())};
}

Value *join(IRBuilder<> &B, Halves V) {
  Type *I128 = B.getInt128Ty();
  return B.CreateOr(B.CreateZExt(V.Low, I128), B.CreateShl(B.CreateZExt(V.High, I128), 64));
}

// The whole product of two 64-bit numbers, from four products of 32-bit halves. No sum below overflows.
Halves wideProduct(IRBuilder<> &B, Value *X, Value *Y) {
  Value *XL = B.CreateAnd(X, 0xffffffff), *XH = B.CreateLShr(X, 32);
  Value *YL = B.CreateAnd(Y, 0xffffffff), *YH = B.CreateLShr(Y, 32);
  Value *Middle = B.CreateAdd(B.CreateMul(XH, YL), B.CreateLShr(B.CreateMul(XL, YL), 32));
  Value *Other = B.CreateAdd(B.CreateMul(XL, YH), B.CreateAnd(Middle, 0xffffffff));
  Value *High =
      B.CreateAdd(B.CreateMul(XH, YH), B.CreateAdd(B.CreateLShr(Middle, 32), B.CreateLShr(Other, 32)));
  return {B.CreateMul(X, Y), High};
}

// Long multiplication in digits of 64 bits, for the result's width alone. Formatting a u128 takes 256 bits.
Value *wideMultiply(IRBuilder<> &B, BinaryOperator &I) {
  Type *T = I.getType();
  unsigned Count = T->getIntegerBitWidth() / 64;
  auto Digit = [&](Value *V, unsigned N) { return B.CreateTrunc(B.CreateLShr(V, 64 * N), B.getInt64Ty()); };
  SmallVector<Value *, 4> X, Y, Digits(Count, B.getInt64(0));
  for (unsigned N = 0; N < Count; ++N) {
    X.push_back(Digit(I.getOperand(0), N));
    Y.push_back(Digit(I.getOperand(1), N));
  }
  // Adds to a digit and returns the carry.
  auto Add = [&](Value *&D, Value *V) {
    D = B.CreateAdd(D, V);
    return B.CreateZExt(B.CreateICmpULT(D, V), B.getInt64Ty());
  };
  for (unsigned M = 0; M < Count; ++M) {
    Value *Carry = B.getInt64(0);
    for (unsigned N = 0; M + N + 1 < Count; ++N) {
      Halves P = wideProduct(B, X[M], Y[N]);
      Value *First = Add(Digits[M + N], P.Low), *Second = Add(Digits[M + N], Carry);
      Carry = B.CreateAdd(P.High, B.CreateAdd(First, Second)); // x * y + digit + carry < 2^128
    }
    Value *Top = B.CreateAdd(B.CreateMul(X[M], Y[Count - 1 - M]), Carry);
    Digits.back() = B.CreateAdd(Digits.back(), Top);
  }
  Value *Product = B.CreateZExt(Digits[0], T);
  for (unsigned N = 1; N < Count; ++N)
    Product = B.CreateOr(Product, B.CreateShl(B.CreateZExt(Digits[N], T), 64 * N));
  return Product;
}

// Shifts by 0 to 127; more is poison. The bits that cross from one half to the other are shifted in two
// steps, because by 64 at once (where the amount is 0) would be poison.
Value *shift128(IRBuilder<> &B, BinaryOperator &I) {
  Halves X = split(B, I.getOperand(0));
  Value *Amount = B.CreateTrunc(I.getOperand(1), B.getInt64Ty());
  Value *Small = B.CreateAnd(Amount, 63), *Back = B.CreateXor(Small, 63);
  Value *IsLarge = B.CreateICmpUGE(Amount, B.getInt64(64));

  if (I.getOpcode() == Instruction::Shl) {
    Value *Low = B.CreateShl(X.Low, Small);
    Value *Carry = B.CreateLShr(B.CreateLShr(X.Low, 1), Back);
    Value *High = B.CreateOr(B.CreateShl(X.High, Small), Carry);
    return join(B, {B.CreateSelect(IsLarge, B.getInt64(0), Low), B.CreateSelect(IsLarge, Low, High)});
  }
  bool Arithmetic = I.getOpcode() == Instruction::AShr;
  Value *Fill = Arithmetic ? B.CreateAShr(X.High, 63) : B.getInt64(0);
  Value *High = Arithmetic ? B.CreateAShr(X.High, Small) : B.CreateLShr(X.High, Small);
  Value *Carry = B.CreateShl(B.CreateShl(X.High, 1), Back);
  Value *Low = B.CreateOr(B.CreateLShr(X.Low, Small), Carry);
  return join(B, {B.CreateSelect(IsLarge, High, Low), B.CreateSelect(IsLarge, Fill, High)});
}

// compiler_builtins' division takes its operands and gives its result by address.
Value *divideByBuiltin(IRBuilder<> &B, Instruction &For, StringRef Name, Value *X, Value *Y) {
  Function &F = *B.GetInsertBlock()->getParent();
  Type *T = X->getType();
  Value *Result = slot(F, T, "result"), *AtX = slot(F, T, "x"), *AtY = slot(F, T, "y");
  B.CreateStore(X, AtX);
  B.CreateStore(Y, AtY);
  callBuiltin(B, For, Name, {Result, AtX, AtY}, B.getVoidTy());
  return B.CreateLoad(T, Result);
}

// Divides by one instruction where both numbers fit in a register, as most do: the other way takes hundreds.
Value *divide128(IRBuilder<> &B, BinaryOperator &I) {
  bool Quotient = I.getOpcode() == Instruction::UDiv;
  StringRef Builtin = Quotient ? "__udivti3" : "__umodti3", Name = Quotient ? "sbf.divide" : "sbf.remainder";
  Module &M = *I.getModule();
  Function *Divider = M.getFunction(Name);
  if (!Divider) {
    Type *T = I.getType();
    Divider = Function::Create(FunctionType::get(T, {T, T}, false), GlobalValue::InternalLinkage, Name, M);
    Value *X = Divider->getArg(0), *Y = Divider->getArg(1);
    auto *Entry = BasicBlock::Create(M.getContext(), "", Divider);
    auto *Short = BasicBlock::Create(M.getContext(), "", Divider);
    auto *Long = BasicBlock::Create(M.getContext(), "", Divider);
    IRBuilder<> E(Entry), S(Short), L(Long);
    Halves HX = split(E, X), HY = split(E, Y);
    E.CreateCondBr(E.CreateICmpEQ(E.CreateOr(HX.High, HY.High), E.getInt64(0)), Short, Long);
    S.CreateRet(S.CreateZExt(S.CreateBinOp(I.getOpcode(), HX.Low, HY.Low), T));
    L.CreateRet(divideByBuiltin(L, I, Builtin, X, Y));
  }
  return B.CreateCall(Divider, {I.getOperand(0), I.getOperand(1)});
}

// ---------------------------------------------------------------------------------- signed numbers

Value *isNegative(IRBuilder<> &B, Value *V) {
  return B.CreateICmpSLT(V, Constant::getNullValue(V->getType()));
}
Value *negateIf(IRBuilder<> &B, Value *Condition, Value *V) {
  return B.CreateSelect(Condition, B.CreateNeg(V), V);
}

// The absolute value as an unsigned number: that of the lowest number is right too.
Value *magnitude(IRBuilder<> &B, Value *V) { return negateIf(B, isNegative(B, V), V); }

// Truncates toward zero, the remainder having the dividend's sign.
Value *divideSigned(IRBuilder<> &B, BinaryOperator &I) {
  Value *X = I.getOperand(0), *Y = I.getOperand(1);
  Type *T = I.getType();
  if (T->getIntegerBitWidth() < 64) {
    X = B.CreateSExt(X, B.getInt64Ty());
    Y = B.CreateSExt(Y, B.getInt64Ty());
  }
  Value *MX = magnitude(B, X), *MY = magnitude(B, Y);
  Value *R = I.getOpcode() == Instruction::SDiv
                 ? negateIf(B, B.CreateXor(isNegative(B, X), isNegative(B, Y)), B.CreateUDiv(MX, MY))
                 : negateIf(B, isNegative(B, X), B.CreateURem(MX, MY));
  return B.CreateTrunc(R, T);
}

// ------------------------------------------------------------------- multiplication with overflow

Value *pair(IRBuilder<> &B, Type *T, Value *Result, Value *Overflow) {
  return B.CreateInsertValue(B.CreateInsertValue(PoisonValue::get(T), Result, 0), Overflow, 1);
}

// Up to 32 bits: the product of the extended factors fits in 64.
Value *multiplyNarrow(IRBuilder<> &B, WithOverflowInst &I) {
  auto Extend = [&](Value *V) { return B.CreateIntCast(V, B.getInt64Ty(), I.isSigned()); };
  Value *Product = B.CreateMul(Extend(I.getLHS()), Extend(I.getRHS()));
  Value *Result = B.CreateTrunc(Product, I.getLHS()->getType());
  return pair(B, I.getType(), Result, B.CreateICmpNE(Extend(Result), Product));
}

Value *multiply64(IRBuilder<> &B, WithOverflowInst &I) {
  Value *X = I.getLHS(), *Y = I.getRHS();
  if (isa<ConstantInt>(X))
    std::swap(X, Y);
  Value *Product = B.CreateMul(X, Y);
  if (auto *C = dyn_cast<ConstantInt>(Y); C && !C->isZero())
    return pair(B, I.getType(), Product, B.CreateICmpUGT(X, B.getInt64(UINT64_MAX / C->getZExtValue())));

  // It overflowed if dividing by one factor does not give back the other. Nothing divides by zero.
  Value *Factor = B.CreateFreeze(X);
  Value *IsZero = B.CreateICmpEQ(Factor, B.getInt64(0));
  Value *Quotient = B.CreateUDiv(Product, B.CreateSelect(IsZero, B.getInt64(1), Factor));
  return pair(B, I.getType(), Product, B.CreateAnd(B.CreateNot(IsZero), B.CreateICmpNE(Quotient, Y)));
}

// (xh, xl) * (yh, yl) overflows if both high halves count, if the cross product that counts does not fit
// in the high half, or if it does not fit there on top of the high half of xl * yl.
Value *multiply128(IRBuilder<> &B, WithOverflowInst &I) {
  Halves X = split(B, I.getLHS()), Y = split(B, I.getRHS());
  auto MulOverflow = [&](Value *P, Value *Q) {
    return B.CreateBinaryIntrinsic(Intrinsic::umul_with_overflow, P, Q);
  };
  auto IsNotZero = [&](Value *V) { return B.CreateICmpNE(V, B.getInt64(0)); };
  Value *A = MulOverflow(X.High, Y.Low), *C = MulOverflow(Y.High, X.Low);
  Value *Both = B.CreateAnd(IsNotZero(X.High), IsNotZero(Y.High));
  Value *CrossOverflow = B.CreateOr(B.CreateExtractValue(A, 1), B.CreateExtractValue(C, 1));
  Value *Cross = B.CreateAdd(B.CreateExtractValue(A, 0), B.CreateExtractValue(C, 0)); // one of them is 0

  Halves P = wideProduct(B, X.Low, Y.Low);
  Value *High = B.CreateAdd(P.High, Cross);
  Value *Overflow = B.CreateOr(B.CreateOr(Both, CrossOverflow), B.CreateICmpULT(High, Cross));
  return pair(B, I.getType(), join(B, {P.Low, High}), Overflow);
}

// 64 and 128 bits: the unsigned product of the magnitudes, which may reach 2^(n-1) if it is to be negative.
Value *multiplySigned(IRBuilder<> &B, WithOverflowInst &I) {
  Value *X = I.getLHS(), *Y = I.getRHS();
  Type *T = X->getType();
  APInt Largest = APInt::getSignedMaxValue(T->getIntegerBitWidth());
  Value *IsNegative = B.CreateXor(isNegative(B, X), isNegative(B, Y));
  Value *M = B.CreateBinaryIntrinsic(Intrinsic::umul_with_overflow, magnitude(B, X), magnitude(B, Y));
  Value *Product = B.CreateExtractValue(M, 0);
  Value *Limit = B.CreateSelect(IsNegative, ConstantInt::get(T, Largest + 1), ConstantInt::get(T, Largest));
  Value *Overflow = B.CreateOr(B.CreateExtractValue(M, 1), B.CreateICmpUGT(Product, Limit));
  return pair(B, I.getType(), negateIf(B, IsNegative, Product), Overflow);
}

Value *multiplyWithOverflow(IRBuilder<> &B, WithOverflowInst &I) {
  unsigned Width = I.getLHS()->getType()->getScalarSizeInBits();
  if (I.getLHS()->getType()->isVectorTy() || (Width > 32 && Width != 64 && Width != 128))
    refuse(*I.getFunction(), "a checked multiplication of this type");
  if (Width <= 32)
    return multiplyNarrow(B, I);
  if (I.isSigned())
    return multiplySigned(B, I);
  return Width == 64 ? multiply64(B, I) : multiply128(B, I);
}

// ----------------------------------------------------------------------------------------- floats

Value *floatOperation(IRBuilder<> &B, BinaryOperator &I) {
  switch (I.getOpcode()) {
  case Instruction::FAdd:
    return callBuiltin(B, I, "__adddf3", {I.getOperand(0), I.getOperand(1)}, I.getType());
  case Instruction::FSub:
    return callBuiltin(B, I, "__subdf3", {I.getOperand(0), I.getOperand(1)}, I.getType());
  case Instruction::FMul:
    return callBuiltin(B, I, "__muldf3", {I.getOperand(0), I.getOperand(1)}, I.getType());
  case Instruction::FDiv:
    return callBuiltin(B, I, "__divdf3", {I.getOperand(0), I.getOperand(1)}, I.getType());
  default: return nullptr;
  }
}

// Each ordered predicate has a function; an unordered one is its opposite's negation.
Value *floatComparison(IRBuilder<> &B, FCmpInst &I) {
  static const std::map<CmpInst::Predicate, std::pair<StringRef, CmpInst::Predicate>> Functions = {
      {CmpInst::FCMP_OEQ, {"__eqdf2", CmpInst::ICMP_EQ}},
      {CmpInst::FCMP_OLT, {"__ltdf2", CmpInst::ICMP_SLT}},
      {CmpInst::FCMP_OLE, {"__ledf2", CmpInst::ICMP_SLE}},
      {CmpInst::FCMP_OGT, {"__gtdf2", CmpInst::ICMP_SGT}},
      {CmpInst::FCMP_OGE, {"__gedf2", CmpInst::ICMP_SGE}},
      {CmpInst::FCMP_ORD, {"__unorddf2", CmpInst::ICMP_EQ}}};
  Value *X = I.getOperand(0), *Y = I.getOperand(1), *Holds;
  bool Inverse = !Functions.count(I.getPredicate()) && I.getPredicate() != CmpInst::FCMP_ONE;
  CmpInst::Predicate Asked = Inverse ? I.getInversePredicate() : I.getPredicate();
  if (Asked == CmpInst::FCMP_ONE) { // less or greater: two comparisons, to be rewritten in their turn
    Holds = B.CreateOr(B.CreateFCmpOLT(X, Y), B.CreateFCmpOGT(X, Y));
  } else if (Functions.count(Asked)) {
    auto [Name, Predicate] = Functions.at(Asked);
    Value *Result = callBuiltin(B, I, Name, {X, Y}, nullptr);
    Holds = B.CreateICmp(Predicate, Result, Constant::getNullValue(Result->getType()));
  } else {
    return nullptr;
  }
  return Inverse ? B.CreateNot(Holds) : Holds;
}

Value *integerToFloat(IRBuilder<> &B, CastInst &I) {
  bool Signed = I.getOpcode() == Instruction::SIToFP;
  if (!I.getType()->isDoubleTy() || !I.getSrcTy()->isIntegerTy() || I.getSrcTy()->getIntegerBitWidth() > 64)
    return nullptr;
  Value *Wide = B.CreateIntCast(I.getOperand(0), B.getInt64Ty(), Signed);
  return callBuiltin(B, I, Signed ? "__floatdidf" : "__floatundidf", {Wide}, I.getType());
}

// The functions saturate, and give 0 for what is not a number, as Rust's `as` does; a narrower result is
// clamped. (fptoui and fptosi leave those cases undefined, so the same serves them.)
Value *floatToInteger(IRBuilder<> &B, Instruction &I, bool Signed) {
  unsigned Width = I.getType()->getScalarSizeInBits();
  if (!I.getOperand(0)->getType()->isDoubleTy() || !I.getType()->isIntegerTy() || Width > 64)
    return nullptr;
  Value *Wide = callBuiltin(B, I, Signed ? "__fixdfdi" : "__fixunsdfdi", {I.getOperand(0)}, B.getInt64Ty());
  if (Width == 64)
    return Wide;
  if (!Signed)
    return B.CreateTrunc(
        B.CreateBinaryIntrinsic(Intrinsic::umin, Wide, B.getInt(APInt::getMaxValue(Width).zext(64))),
        I.getType());
  Value *Below = B.getInt(APInt::getSignedMaxValue(Width).sext(64));
  Value *Above = B.getInt(APInt::getSignedMinValue(Width).sext(64));
  Value *Clamped = B.CreateBinaryIntrinsic(Intrinsic::smin, Wide, Below);
  return B.CreateTrunc(B.CreateBinaryIntrinsic(Intrinsic::smax, Clamped, Above), I.getType());
}

// ----------------------------------------------------------------------------------------- memory

// memmove serves memcpy too: it costs the same, and the memcpy syscall stops the program where source and
// destination are the same, which LLVM's memcpy allows.
bool copyBySyscall(IRBuilder<> &B, MemIntrinsic &I) {
  auto *Length = dyn_cast<ConstantInt>(I.getLength());
  if (Length && Length->getValue().ule(LongestInlineCopy))
    return false;
  Value *Size = B.CreateIntCast(I.getLength(), B.getInt64Ty(), false);
  if (auto *Set = dyn_cast<MemSetInst>(&I))
    callSyscall(B, *I.getModule(), "sol_memset_", {I.getDest(), Set->getValue(), Size});
  else
    callSyscall(B, *I.getModule(), "sol_memmove_", {I.getDest(), cast<MemTransferInst>(I).getSource(), Size});
  return true;
}

Value *compareBySyscall(IRBuilder<> &B, CallInst &I) {
  AllocaInst *Result = slot(*I.getFunction(), B.getInt32Ty(), "comparison");
  callSyscall(B, *I.getModule(), "sol_memcmp_",
              {I.getArgOperand(0), I.getArgOperand(1), I.getArgOperand(2), Result});
  return B.CreateLoad(B.getInt32Ty(), Result);
}

bool isComparison(const CallInst &I) {
  Function *F = I.getCalledFunction();
  return F && F->isDeclaration() && (F->getName() == "memcmp" || F->getName() == "bcmp") &&
         I.getType()->isIntegerTy(32) && I.arg_size() == 3;
}

// ------------------------------------------------------------------------------------ instructions

Value *rewriteBinary(IRBuilder<> &B, BinaryOperator &I) {
  if (I.getType()->isDoubleTy())
    return floatOperation(B, I);
  if (!I.getType()->isIntegerTy())
    return nullptr;
  unsigned Opcode = I.getOpcode(), Width = I.getType()->getIntegerBitWidth();
  if ((Opcode == Instruction::SDiv || Opcode == Instruction::SRem) && (Width <= 64 || Width == 128))
    return divideSigned(B, I);
  if (Opcode == Instruction::Mul && (Width == 128 || Width == 192 || Width == 256))
    return wideMultiply(B, I);
  if (Width != 128)
    return nullptr;
  if (Opcode == Instruction::UDiv || Opcode == Instruction::URem)
    return divide128(B, I);
  if (I.isShift() && !isa<ConstantInt>(I.getOperand(1)))
    return shift128(B, I);
  return nullptr;
}

Value *rewriteIntrinsic(IRBuilder<> &B, IntrinsicInst &I) {
  switch (I.getIntrinsicID()) {
  case Intrinsic::umul_with_overflow:
  case Intrinsic::smul_with_overflow: return multiplyWithOverflow(B, cast<WithOverflowInst>(I));
  case Intrinsic::fptoui_sat: return floatToInteger(B, I, false);
  case Intrinsic::fptosi_sat: return floatToInteger(B, I, true);
  default: return nullptr;
  }
}

// The value that replaces the instruction, or none where it can stay.
Value *replacement(IRBuilder<> &B, Instruction &I) {
  if (auto *Intrinsic = dyn_cast<IntrinsicInst>(&I))
    return rewriteIntrinsic(B, *Intrinsic);
  if (auto *Call = dyn_cast<CallInst>(&I))
    return isComparison(*Call) ? compareBySyscall(B, *Call) : nullptr;
  if (auto *Binary = dyn_cast<BinaryOperator>(&I))
    return rewriteBinary(B, *Binary);
  if (auto *Compare = dyn_cast<FCmpInst>(&I))
    return Compare->getOperand(0)->getType()->isDoubleTy() ? floatComparison(B, *Compare) : nullptr;
  switch (I.getOpcode()) {
  case Instruction::UIToFP:
  case Instruction::SIToFP: return integerToFloat(B, cast<CastInst>(I));
  case Instruction::FPToUI: return floatToInteger(B, I, false);
  case Instruction::FPToSI: return floatToInteger(B, I, true);
  default: return nullptr;
  }
}

bool rewriteInstruction(Instruction &I) {
  IRBuilder<> B(&I);
  if (auto *Memory = dyn_cast<MemIntrinsic>(&I)) {
    if (!copyBySyscall(B, *Memory))
      return false;
  } else {
    Value *New = replacement(B, I);
    if (!New)
      return false;
    I.replaceAllUsesWith(New);
  }
  I.eraseFromParent();
  return true;
}

void rewriteInstructions(Function &F) {
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (Instruction &I : make_early_inc_range(instructions(F)))
      Changed |= rewriteInstruction(I);
  }
}

// -------------------------------------------------------------------------------------- signatures

// The registers that a value of this type takes.
unsigned registers(Type *T) {
  if (auto *Integer = dyn_cast<IntegerType>(T))
    return divideCeil(Integer->getBitWidth(), 64);
  if (auto *Array = dyn_cast<ArrayType>(T))
    return Array->getNumElements() * registers(Array->getElementType());
  unsigned Sum = 0;
  if (auto *Struct = dyn_cast<StructType>(T))
    for (Type *Element : Struct->elements())
      Sum += registers(Element);
  return T->isStructTy() ? Sum : 1;
}

// How a function of one type is called instead: with the address of the caller's slot for a result of more
// than a register, then the arguments that fit in registers, then the address of a pack of the others.
struct Signature {
  bool ReturnsBySlot = false;
  unsigned Kept = 0;            // arguments before the pack
  StructType *Pack = nullptr;   // null where all arguments fit
  FunctionType *Type = nullptr; // null where the function's own will do

  explicit Signature(FunctionType *Old) {
    LLVMContext &C = Old->getContext();
    llvm::Type *Result = Old->getReturnType();
    ReturnsBySlot = Result->isAggregateType() || (!Result->isVoidTy() && registers(Result) > 1);

    unsigned Needed = ReturnsBySlot;
    for (llvm::Type *P : Old->params())
      Needed += registers(P);
    bool Packs = Needed > RegisterArguments;
    if (!ReturnsBySlot && !Packs)
      return;

    SmallVector<llvm::Type *, 6> Passed;
    if (ReturnsBySlot)
      Passed.push_back(pointer(C));
    unsigned Used = ReturnsBySlot + Packs;
    for (; Kept < Old->getNumParams(); ++Kept) {
      Used += registers(Old->getParamType(Kept));
      if (Used > RegisterArguments)
        break;
      Passed.push_back(Old->getParamType(Kept));
    }
    if (Packs) {
      Pack = StructType::get(C, Old->params().drop_front(Kept));
      Passed.push_back(pointer(C));
    }
    Type = FunctionType::get(ReturnsBySlot ? llvm::Type::getVoidTy(C) : Result, Passed, false);
  }
};

// What was known of the memory a function touches no longer holds, nor of what it returns.
AttributeList attributes(LLVMContext &C, AttributeList Old, const Signature &S) {
  SmallVector<AttributeSet, 6> Parameters;
  if (S.ReturnsBySlot)
    Parameters.push_back({});
  for (unsigned N = 0; N < S.Kept; ++N)
    Parameters.push_back(Old.getParamAttrs(N).removeAttribute(C, Attribute::Returned));
  if (S.Pack)
    Parameters.push_back({});
  AttributeSet OfFunction = Old.getFnAttrs().removeAttribute(C, Attribute::Memory);
  return AttributeList::get(C, OfFunction, S.ReturnsBySlot ? AttributeSet() : Old.getRetAttrs(), Parameters);
}

// The back end refuses the mark, which means nothing to it.
void dropStructReturnMark(Function &F) {
  for (unsigned N = 0; N < F.arg_size(); ++N)
    F.removeParamAttr(N, Attribute::StructRet);
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallBase>(&I))
      for (unsigned N = 0; N < Call->arg_size(); ++N)
        Call->removeParamAttr(N, Attribute::StructRet);
}

void returnBySlot(Function &F) {
  for (BasicBlock &Block : F) {
    auto *Return = dyn_cast<ReturnInst>(Block.getTerminator());
    if (!Return)
      continue;
    IRBuilder<> B(Return);
    B.CreateStore(Return->getReturnValue(), F.getArg(0));
    B.CreateRetVoid();
    Return->eraseFromParent();
  }
}

void rewriteFunction(Function &Old) {
  Signature S(Old.getFunctionType());
  if (!S.Type || Old.isIntrinsic())
    return;
  Function *New = Function::Create(S.Type, Old.getLinkage(), Old.getAddressSpace(), "", Old.getParent());
  New->takeName(&Old);
  New->copyAttributesFrom(&Old);
  New->setAttributes(attributes(Old.getContext(), Old.getAttributes(), S));
  New->setComdat(Old.getComdat());
  New->splice(New->begin(), &Old);

  if (!New->isDeclaration()) {
    if (S.ReturnsBySlot)
      returnBySlot(*New);
    IRBuilder<> B(&*New->getEntryBlock().getFirstInsertionPt());
    for (Argument &A : Old.args()) {
      unsigned N = A.getArgNo();
      if (N < S.Kept)
        A.replaceAllUsesWith(New->getArg(S.ReturnsBySlot + N));
      else if (!A.use_empty()) {
        Value *Address = B.CreateStructGEP(S.Pack, New->getArg(S.ReturnsBySlot + S.Kept), N - S.Kept);
        A.replaceAllUsesWith(B.CreateLoad(A.getType(), Address));
      }
    }
  }
  Old.replaceAllUsesWith(New);
  Old.eraseFromParent();
}

void rewriteCall(CallInst &Old) {
  Signature S(Old.getFunctionType());
  if (!S.Type)
    return;
  Function &F = *Old.getFunction();
  LLVMContext &C = F.getContext();
  AllocaInst *Pack = S.Pack ? slot(F, S.Pack, "pack") : nullptr;
  AllocaInst *Result = S.ReturnsBySlot ? slot(F, Old.getType(), "result") : nullptr;

  IRBuilder<> B(&Old);
  for (AllocaInst *Slot : {Pack, Result})
    if (Slot)
      B.CreateLifetimeStart(Slot);
  SmallVector<Value *, 6> Arguments;
  if (Result)
    Arguments.push_back(Result);
  for (unsigned N = 0; N < Old.arg_size(); ++N)
    if (N < S.Kept)
      Arguments.push_back(Old.getArgOperand(N));
    else
      B.CreateStore(Old.getArgOperand(N), B.CreateStructGEP(S.Pack, Pack, N - S.Kept));
  if (Pack)
    Arguments.push_back(Pack);

  // Not a tail call any more: it is given addresses in this frame.
  CallInst *New = B.CreateCall(S.Type, Old.getCalledOperand(), Arguments);
  New->setCallingConv(Old.getCallingConv());
  New->setAttributes(attributes(C, Old.getAttributes(), S));
  Value *Returned = Result ? (Value *)B.CreateLoad(Old.getType(), Result) : New;
  if (!isa<UnreachableInst>(Old.getNextNode()))
    for (AllocaInst *Slot : {Pack, Result})
      if (Slot)
        B.CreateLifetimeEnd(Slot);
  if (!Old.getType()->isVoidTy())
    Old.replaceAllUsesWith(Returned);
  Old.eraseFromParent();
}

void rewriteCalls(Function &F) {
  for (Instruction &I : make_early_inc_range(instructions(F))) {
    auto *Call = dyn_cast<CallInst>(&I);
    if (Call && !Call->isInlineAsm() && !isa<IntrinsicInst>(Call))
      rewriteCall(*Call);
  }
}

// ------------------------------------------------------------------------------------------ checks

bool isSyscall(const Function &F) { return F.getName().starts_with("sol_") || F.getName() == "abort"; }

void checkCall(const CallBase &I) {
  const Function &F = *I.getFunction();
  if (!isa<CallInst>(I))
    refuse(F, "a call that may unwind");
  if (I.isMustTailCall())
    refuse(F, "a guaranteed tail call");
  if (I.getFunctionType()->isVarArg())
    refuse(F, "a call with variable arguments");
  auto *Callee = dyn_cast<Function>(I.getCalledOperand()->stripPointerCastsAndAliases());
  if (Callee && !isSyscall(*Callee) && Callee->getFunctionType() != I.getFunctionType())
    refuse(F, "a call of " + demangle(Callee->getName()) + " with other types than it has");
}

bool isFloat(const Type *T) { return T->getScalarType()->isFloatingPointTy(); }

void checkInstruction(const Instruction &I) {
  const Function &F = *I.getFunction();
  if (I.isAtomic())
    refuse(F, "an atomic operation");
  if (auto *Call = dyn_cast<CallBase>(&I))
    checkCall(*Call);
  // Moves of a double, and changes of its sign, need no rewrite; anything else that is left has none.
  bool Moves =
      isa<LoadInst, StoreInst, PHINode, SelectInst, CallInst, ReturnInst, BitCastInst, FreezeInst>(I) ||
      isa<ExtractValueInst, InsertValueInst, UnaryOperator>(I);
  auto Computes = [&](const Type *T) { return isFloat(T) && !(Moves && T->isDoubleTy()); };
  if (Computes(I.getType()) || any_of(I.operands(), [&](const Use &U) { return Computes(U->getType()); }))
    refuse(F, Twine("a floating-point '") + I.getOpcodeName() + "' of this kind");
}

void checkFunction(const Function &F) {
  if (F.isIntrinsic() || (F.isDeclaration() && F.use_empty()))
    return;
  if (F.isDeclaration() && !isSyscall(F))
    refuse(F, "a call of a function that is defined nowhere");
  if (F.isDeclaration() && Signature(F.getFunctionType()).Type)
    refuse(F, "a syscall of this signature");
  if (F.isVarArg())
    refuse(F, "variable arguments");
  for (const Instruction &I : instructions(F))
    checkInstruction(I);
}

// ------------------------------------------------------------------------------------------ passes

bool isEntrypoint(const GlobalValue &G) { return G.getName() == "entrypoint"; }

// The functions of compiler_builtins that rewrites call.
bool isBuiltin(const GlobalValue &G) {
  static const StringSet<> Names = {"__udivti3", "__umodti3",    "__adddf3",    "__subdf3",
                                    "__muldf3",  "__divdf3",     "__floatdidf", "__floatundidf",
                                    "__fixdfdi", "__fixunsdfdi", "__eqdf2",     "__ltdf2",
                                    "__ledf2",   "__gtdf2",      "__gedf2",     "__unorddf2"};
  return Names.contains(G.getName());
}

struct Internalize : PassInfoMixin<Internalize> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    internalizeModule(M, [](const GlobalValue &G) { return isEntrypoint(G) || isBuiltin(G); });
    return PreservedAnalyses::none();
  }
};

struct Legalize : PassInfoMixin<Legalize> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    for (Function &F : M)
      rewriteInstructions(F);
    for (Function &F : M)
      checkFunction(F); // signatures are still the source's own
    for (Function &F : M)
      dropStructReturnMark(F);
    for (Function &F : make_early_inc_range(M))
      rewriteFunction(F);
    for (Function &F : M)
      rewriteCalls(F);
    for (GlobalVariable &G : M.globals())
      if (!G.isConstant() && !G.hasAppendingLinkage())
        reportFatalUsageError("SBF cannot have a writable static: " + Twine(demangle(G.getName())));
    internalizeModule(M, isEntrypoint);
    return PreservedAnalyses::none();
  }
};

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo llvmGetPassPluginInfo() {
  auto Register = [](PassBuilder &PB) {
    PB.registerPipelineParsingCallback([](StringRef Name, ModulePassManager &Passes, auto) {
      if (Name == "sbf-internalize")
        Passes.addPass(Internalize());
      else if (Name == "sbf-legalize")
        Passes.addPass(Legalize());
      else
        return false;
      return true;
    });
  };
  return {LLVM_PLUGIN_API_VERSION, "sbf", "1.0", Register};
}
