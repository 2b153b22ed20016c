using Microsoft.Win32.SafeHandles;

namespace TcpAo.Linux.Interop;

/// <summary>A file descriptor that is closed once, also when its owner forgets it.</summary>
internal sealed class SafeDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Creates an empty handle.</summary>
    public SafeDescriptor()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Takes a descriptor over.</summary>
    public SafeDescriptor(int descriptor)
        : this()
    {
        SetHandle(descriptor);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
