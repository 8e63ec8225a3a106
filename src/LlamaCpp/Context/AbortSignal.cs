using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>Lets a cancellation token interrupt a computation of one context. libllama asks between operations, on the computing thread.</summary>
internal sealed unsafe class AbortSignal : IDisposable
{
    private GCHandle _self;

    public AbortSignal(ContextHandle context)
    {
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        Llama.SetAbortCallback(context, &ShouldAbort, (void*)GCHandle.ToIntPtr(_self));
    }

    /// <summary>What interrupts the computation under way.</summary>
    public CancellationToken Token { get; set; }

    /// <summary>Releases the handle; the context must be freed before.</summary>
    public void Dispose()
    {
        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(void* data) =>
        GCHandle.FromIntPtr((nint)data).Target is AbortSignal { Token.IsCancellationRequested: true } ? (byte)1 : (byte)0;
}
