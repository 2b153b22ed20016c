namespace TcpAo.Linux.Seccomp;

/// <summary>Answers the calls that a supervised program is stopped in. One thread calls it, one call at a time.</summary>
public interface ISocketCallHandler
{
    /// <summary>
    /// Answers a call. The program's thread waits meanwhile, and so does every other one that comes to such a call: no waiting in here.
    /// </summary>
    /// <param name="request">
    /// The call. Of setsockopt and getsockopt its socket is a TCP one: the kernel itself answers for others, for what is no socket, and for a negative length.
    /// Not to be used after <see cref="Answered"/>.
    /// </param>
    /// <returns>The answer. When this throws, the call fails with EIO and <see cref="ProgramStart.OnHandlerFailure"/> is told.</returns>
    SocketAnswer Handle(SocketCall request);

    /// <summary>
    /// Called after <see cref="Handle"/>: the place to commit, or to undo, what the call changed. The program may be past the call by now.
    /// </summary>
    /// <param name="request">The call; its memory and its socket are out of reach.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="isDelivered">
    /// False when the program did not get the answer: its thread was killed (before Linux 5.19: or a signal interrupted it, and it calls again).
    /// </param>
    void Answered(SocketCall request, SocketAnswer answer, bool isDelivered);
}
