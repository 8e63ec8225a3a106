using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>Owns the weights. Freed once it and every context made from it are disposed, in whatever order.</summary>
internal sealed class ModelHandle : SafeHandle
{
    public ModelHandle(nint pointer) : base(0, ownsHandle: true) => SetHandle(pointer);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Llama.FreeModel(handle);
        return true;
    }
}

/// <summary>
/// Owns a context and the threads that compute for it, and keeps its model alive. Where it has no threads libllama starts and
/// ends some in every call.
/// </summary>
internal sealed class ContextHandle : SafeHandle
{
    private readonly ModelHandle _model;
    private bool _holdsModel;
    private nint _threads;

    private ContextHandle(ModelHandle model) : base(0, ownsHandle: true)
    {
        _model = model;
        _model.DangerousAddRef(ref _holdsModel);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a context; the handle is invalid, and holds nothing, where libllama refuses.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="parameters">What it is made for.</param>
    /// <param name="keepsThreads">Whether its threads wait for the next call, instead of being started in each.</param>
    public static ContextHandle Create(ModelHandle model, in LlamaContextParams parameters, bool keepsThreads)
    {
        var context = new ContextHandle(model);
        context.SetHandle(Llama.CreateContext(model, parameters));
        if (context.IsInvalid)
        {
            context.ReleaseModel();
            return context;
        }

        context._threads = keepsThreads ? Ggml.StartThreads(Math.Max(parameters.Threads, parameters.BatchThreads)) : 0;
        if (context._threads != 0)
        {
            Llama.AttachThreads(context, context._threads, context._threads);
        }

        return context;
    }

    protected override bool ReleaseHandle()
    {
        Llama.FreeContext(handle);
        Ggml.StopThreads(_threads);
        ReleaseModel();
        return true;
    }

    private void ReleaseModel()
    {
        if (_holdsModel)
        {
            _holdsModel = false;
            _model.DangerousRelease();
        }
    }
}
